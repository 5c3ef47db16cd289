import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { type Group, type ParityCase, readCases } from './case.ts'
import { RUN_TIMEOUT_MS, runParityCase } from './parity-case.ts'

/** PARITY_GROUP=keys or sources runs one group only. */
const groups = groupsAskedFor(process.env.PARITY_GROUP)

const inNetworkNamespace = process.env.EKS_GET_TOKEN_TEST_NETNS === '1'

let authority: CertificateAuthority
beforeAll(async () => {
  authority = await createCertificateAuthority()
})
afterAll(() => authority.close())

const cases = readCases()
describe.concurrent('parity with the AWS CLI', () => {
  for (const parityCase of cases.filter((each) => !needsNetworkNamespace(each))) declare(parityCase)
})
// One after the other: the fixed addresses can be served only once at a time.
describe('parity with the AWS CLI, fixed addresses', () => {
  for (const parityCase of cases.filter(needsNetworkNamespace)) declare(parityCase)
})

function declare(parityCase: ParityCase): void {
  const reason = reasonToSkip(parityCase)
  if (reason !== undefined) {
    test.skip(`${parityCase.id} (skipped: ${reason})`)
    return
  }
  const runs = 1 + (parityCase.then?.length ?? 0)
  test(parityCase.id, { timeout: runs * (RUN_TIMEOUT_MS + 5_000) }, async () => {
    const found = await runParityCase(parityCase, authority)
    expect(found, found.join('\n')).toEqual([])
  })
}

function reasonToSkip(parityCase: ParityCase): string | undefined {
  if (!groups.includes(parityCase.group)) return `group ${parityCase.group}; PARITY_GROUP=all runs it`
  if (needsNetworkNamespace(parityCase) && !inNetworkNamespace) {
    return 'needs a private network; test/support/netns.sh gives it one'
  }
  return undefined
}

function needsNetworkNamespace({ needs }: ParityCase): boolean {
  return needs.includes('netns')
}

function groupsAskedFor(name: string | undefined): readonly Group[] {
  if (name === undefined || name === '' || name === 'all') return ['keys', 'sources']
  if (name === 'keys' || name === 'sources') return [name]
  throw new Error(`PARITY_GROUP is ${name}; it can be keys, sources or all`)
}
