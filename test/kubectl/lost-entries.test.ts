import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../support/command.ts'
import { findKubectl } from '../support/kubectl.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const KUBECTL = findKubectl(process.env.PATH ?? '')
const STRACE = findProgram('strace')

function whyNot(): string | undefined {
  if (KUBECTL === undefined) return 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one'
  if (STRACE === undefined) return 'no strace'
  try {
    execFileSync(STRACE, ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'strace may not trace'
  }
}

// Why update-kubeconfig looks at the file again after it has written it. This program is not part of the test.
test('kubectl config deletes what another kubectl has added between its reading and its lock', {
  ...skipUnlessAvailable(whyNot()),
  timeout: 90_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'eks-get-token-lost-'))
  try {
    const file = join(home, 'config')
    const env = { PATH: '/usr/bin:/bin', HOME: home, KUBECONFIG: file }
    const config = (...words: readonly string[]) => [KUBECTL ?? '', 'config', ...words] as const
    const run = (words: readonly [string, ...string[]]) => runCommand(words, { env, cwd: home, timeoutMs: 60_000 })
    await run(config('set-cluster', 'first', '--server', 'https://a'))
    const trace = [
      '-f',
      '-o',
      join(home, 'trace'),
      '-P',
      `${file}.lock`,
      '-e',
      'inject=openat:delay_enter=6000000',
    ] as const
    const slow = run([
      STRACE ?? '',
      ...trace,
      ...config('set-context', 'slow', '--cluster', 'first', '--user', 'first'),
    ])
    // It has read the file when the delay begins.
    for (let tries = 0; tries < 200 && !isDelayed(join(home, 'trace')); tries++) await sleep(25)
    expect(await run(config('set-cluster', 'added', '--server', 'https://b'))).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toContain('name: added')
    expect(await slow).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toContain('name: slow')
    expect(readFileSync(file, 'utf8')).not.toContain('name: added')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** strace has written the beginning of the call, or nothing yet. */
function isDelayed(trace: string): boolean {
  return existsSync(trace) && /openat\([^)]*\.lock/.test(readFileSync(trace, 'utf8'))
}
