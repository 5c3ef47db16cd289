import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readCases } from '../parity/case.ts'
import { RUN_TIMEOUT_MS, runParityCase } from '../parity/parity-case.ts'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { buildFront, missingForFront } from './front.ts'

describe('the front alone, in the recorded cases', skipUnlessAvailable(missingForFront()), () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-front-alone-'))
  const cases = readCases().filter(({ needs }) => !needs.includes('netns'))
  let authority: CertificateAuthority
  beforeAll(async () => {
    vi.stubEnv('EKS_GET_TOKEN_TEST_COMMAND', buildFront(folder))
    authority = await createCertificateAuthority()
  }, 300_000)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await authority.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('either does what the AWS CLI does, or needs the full program', { timeout: 20 * RUN_TIMEOUT_MS }, async () => {
    const differences: Record<string, string[]> = {}
    let leftToFullProgram = 0
    const queue = [...cases]
    const runQueue = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const found = await runParityCase(next, authority, () => leftToFullProgram++)
        if (found.length > 0) differences[next.id] = found
      }
    }
    await Promise.all(Array.from({ length: 4 }, runQueue))
    expect(differences).toEqual({})
    expect(leftToFullProgram).toBeGreaterThan(0)
    // A front that left everything to the full program would be right as well.
    expect(leftToFullProgram).toBeLessThan(cases.length / 2)
  })
})
