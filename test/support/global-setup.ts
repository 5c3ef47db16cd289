import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

const BUILD = fileURLToPath(new URL('../../build/build.mjs', import.meta.url))

/**
 * Builds dist/ once, before the first test that starts the program, and again before each repetition of watch mode.
 * With EKS_GET_TOKEN_TEST_SKIP_BUILD=1 it only checks that dist/ was built from these sources.
 *
 * Makes the directory of the certificates that the test files share.
 */
export default function setup(project: TestProject): () => void {
  build()
  project.onTestsRerun(build)
  // certificates.ts
  const certificates = mkdtempSync(join(tmpdir(), 'eks-get-token-certificates-'))
  process.env.EKS_GET_TOKEN_TEST_CERTIFICATES = certificates
  return () => rmSync(certificates, { recursive: true, force: true })
}

function build(): void {
  const skipBuild = process.env.EKS_GET_TOKEN_TEST_SKIP_BUILD === '1'
  const { status, stderr, error } = spawnSync(process.execPath, [BUILD, skipBuild ? '--check' : '--types'], {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw error ?? new Error(stderr.trim())
}
