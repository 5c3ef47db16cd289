import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const SCRIPT = findProgram('script')
const missing = SCRIPT ? undefined : 'script (util-linux) is not on PATH'

/** Writes its process id to a file, and never ends. */
const SLEEPER = (name: string) => `echo $$ >"$HOME/${name}"; sleep 60; :`

/** A `credential_process` that never ends, with descendants that write their process ids. */
const HELPERS = {
  'a child and a grandchild': `sh -c 'echo $$ >"$HOME/child"; sh "$HOME/grandchild.sh"; :' &
wait`,
  'a grandchild whose parent has exited': `sh -c 'echo $$ >"$HOME/child"; sh "$HOME/grandchild.sh" & sleep 1'
sleep 60`,
  'a grandchild whose parent has exited at once': `sh -c 'sh "$HOME/grandchild.sh" &'
sleep 60`,
  'a grandchild without its streams whose parent has exited at once': `sh -c 'sh "$HOME/grandchild.sh" </dev/null >/dev/null 2>&1 &'
sleep 60`,
  'a grandchild in a session of its own that was seen before': `sh -c 'setsid sh "$HOME/grandchild.sh" </dev/null >/dev/null 2>&1 & sleep 1'
sleep 60`,
}

describe.concurrent('on a terminal, where a credential_process has no process group of its own', () => {
  let homes = ''
  beforeAll(() => {
    homes = mkdtempSync(join(tmpdir(), 'eks-get-token-tree-'))
  })
  afterAll(() => rmSync(homes, { recursive: true, force: true }))
  /** Of each test: they run beside each other, because they wait most of their time. */
  const newHome = (): string => {
    const home = mkdtempSync(join(homes, 'home-'))
    mkdirSync(join(home, '.aws'))
    writeFileSync(join(home, 'grandchild.sh'), SLEEPER('grandchild'))
    writeFileSync(join(home, '.aws/config'), `[profile p]\ncredential_process = ${home}/helper.sh\n`)
    return home
  }
  const execInfo = JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: true },
  })
  const SIGNALS = [
    ['SIGTERM', 'TERM', []],
    ['SIGINT', 'INT', []],
    ['SIGHUP', 'HUP', []],
    ['SIGUSR2', 'USR2', []],
    ['SIGALRM', 'ALRM', []],
    ['--timeout', undefined, ['--timeout', '3']],
  ] as const

  describe.each(Object.entries(HELPERS))('%s', (_helper, helper) => {
    // The pipeline has another process in the same process group.
    test.each([
      ...SIGNALS.map(([title, signal, args]) => [title, signal, args, '', {}] as const),
      ['SIGTERM in a pipeline of kubectl', 'TERM', [], '| cat', { KUBERNETES_EXEC_INFO: execInfo }] as const,
    ])(
      '%s ends it with all its descendants, and nothing else',
      { timeout: 30_000, ...skipUnlessAvailable(missing) },
      async (_title, signal, args, pipeline, env) => {
        const home = newHome()
        const processId = (name: string) => Number(readFileSync(join(home, name), 'utf8'))
        const isRunning = (name: string) => {
          try {
            // A zombie has ended.
            return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId(name)}/status`, 'utf8'))
          } catch {
            return false
          }
        }
        writeFileSync(join(home, 'helper.sh'), `#!/bin/sh\necho $$ >"$HOME/helper"\n${helper}\n`, { mode: 0o755 })
        const command = [...eksGetToken(), '--cluster-name', 'demo', '--region', 'us-west-2', '--profile', 'p', ...args]
        const plugin = `(echo $$ >/dev/null; exec sh -c 'echo $$ >plugin; exec "$@"' sh ${command.map((word) => `'${word}'`).join(' ')}) ${pipeline}`
        // A process of another job, which is older than all of it, and has lost its parent too.
        const line = `sh -c 'trap "" HUP; sh -c "echo \\$\\$ >other; sleep 60; :" &'; while [ ! -s other ]; do sleep 0.1; done; sleep 0.2; ${plugin}`
        const child = spawn(SCRIPT as string, ['-qec', line, '/dev/null'], {
          env: { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh', AWS_EC2_METADATA_DISABLED: 'true', ...env },
          cwd: home,
        })
        const ended = new Promise((resolve) => child.once('close', resolve))
        const names = ['helper', 'grandchild', ...(helper.includes('/child"') ? ['child'] : [])]
        await eventually(() =>
          [...names, 'plugin'].every((name) => existsSync(join(home, name)) && processId(name) > 0),
        )
        // Longer than the grandchild has a parent.
        await new Promise((resolve) => setTimeout(resolve, 1500))
        expect([isRunning('helper'), isRunning('grandchild'), isRunning('other')]).toEqual([true, true, true])
        if (signal !== undefined) process.kill(processId('plugin'), `SIG${signal}`)
        await eventually(() => names.every((name) => !isRunning(name)))
        const others = isRunning('other')
        process.kill(processId('other'), 'SIGKILL')
        await ended
        expect([others, ...names.map(isRunning)]).toEqual([true, ...names.map(() => false)])
      },
    )
  })
})
