import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { runCommand } from '../support/command.ts'
import { IN_NETWORK_NAMESPACE, missingNetworkNamespace, NAMESPACE_PATH } from '../support/network-namespace.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { type Group, type ParityCase, readCases } from './case.ts'
import { RUN_TIMEOUT_MS, runParityCase } from './parity-case.ts'

/** PARITY_GROUP=keys or sources runs one group only. */
const groups = selectedGroups(process.env.PARITY_GROUP)
const needsNetworkNamespace = ({ needs }: ParityCase): boolean => needs.includes('netns')
const cases = readCases()

describe.concurrent('parity with the AWS CLI', () => {
  let authority: CertificateAuthority
  beforeAll(async () => {
    authority = await createCertificateAuthority()
  })
  afterAll(() => authority.close())

  for (const parityCase of cases.filter((each) => !needsNetworkNamespace(each))) {
    const options = { ...skipOtherGroups(parityCase), timeout: timeoutOf(parityCase) }
    test(parityCase.id, options, async () => {
      const differences = await runParityCase(parityCase, authority)
      expect(differences, differences.join('\n')).toEqual([])
    })
  }
})

describe('parity with the AWS CLI, fixed addresses', skipUnlessAvailable(missingNetworkNamespace()), () => {
  const fixedAddressCases = cases.filter(needsNetworkNamespace)
  const timeoutMs = fixedAddressCases.map(timeoutOf).reduce((sum, timeout) => sum + timeout, 0)
  let differences: Record<string, string[]>
  // All of them in one process, which has a network of its own.
  beforeAll(async () => {
    const ids = fixedAddressCases.filter(({ group }) => groups.includes(group)).map(({ id }) => id)
    const script = fileURLToPath(new URL('run-cases.mjs', import.meta.url))
    const { EKS_GET_TOKEN_TEST_COMMAND = '', EKS_GET_TOKEN_TEST_ROWS = '' } = process.env
    const { stdout, stderr } = await runCommand([IN_NETWORK_NAMESPACE, process.execPath, script, ...ids], {
      env: { PATH: NAMESPACE_PATH, EKS_GET_TOKEN_TEST_COMMAND, EKS_GET_TOKEN_TEST_ROWS },
      cwd: import.meta.dirname,
      timeoutMs,
    })
    if (stdout === '') throw new Error(stderr)
    differences = JSON.parse(stdout)
  }, timeoutMs)

  for (const parityCase of fixedAddressCases) {
    test(parityCase.id, skipOtherGroups(parityCase), () => {
      expect(differences[parityCase.id], differences[parityCase.id]?.join('\n')).toEqual([])
    })
  }
})

function timeoutOf({ then = [] }: ParityCase): number {
  return (1 + then.length) * (RUN_TIMEOUT_MS + 5_000)
}

function skipOtherGroups({ group }: ParityCase) {
  return skipUnlessAvailable(groups.includes(group) ? undefined : `PARITY_GROUP leaves out the group ${group}`)
}

function selectedGroups(name: string | undefined): readonly Group[] {
  if (name === undefined || name === '' || name === 'all') return ['keys', 'sources']
  if (name === 'keys' || name === 'sources') return [name]
  throw new Error(`PARITY_GROUP is ${name}; it can be keys, sources or all`)
}
