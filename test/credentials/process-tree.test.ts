import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eksGetToken } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const SCRIPT = findProgram('script')
const missing = SCRIPT ? undefined : 'script (util-linux) is not on PATH'

/** A credential_process that starts a child and a grandchild, each of which writes its process id, and never ends. */
const HELPER = `#!/bin/sh
echo $$ >"$HOME/helper"
sh -c 'echo $$ >"$HOME/child"; sh -c "echo \\$\\$ >\\"$HOME/grandchild\\"; sleep 60; :"; :' &
wait
`

describe('on a terminal, where a credential_process has no process group of its own', () => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'eks-get-token-tree-'))
    mkdirSync(join(home, '.aws'))
    writeFileSync(join(home, 'helper.sh'), HELPER, { mode: 0o755 })
    writeFileSync(join(home, '.aws/config'), `[profile p]\ncredential_process = ${home}/helper.sh\n`)
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const processId = (name: string) => Number(readFileSync(join(home, name), 'utf8'))
  const isRunning = (name: string) => {
    try {
      // A zombie has ended.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId(name)}/status`, 'utf8'))
    } catch {
      return false
    }
  }
  const NAMES = ['helper', 'child', 'grandchild']

  test.each([
    ['SIGTERM', 'TERM', []],
    ['SIGINT', 'INT', []],
    ['SIGHUP', 'HUP', []],
    ['--timeout', undefined, ['--timeout', '2']],
  ] as const)(
    '%s ends it with all its descendants',
    { timeout: 30_000, ...skipUnlessAvailable(missing) },
    async (_title, signal, args) => {
      const command = [...eksGetToken(), '--cluster-name', 'demo', '--region', 'us-west-2', '--profile', 'p', ...args]
      const line = `echo $$ >plugin; exec ${command.map((word) => `'${word}'`).join(' ')}`
      const child = spawn(SCRIPT as string, ['-qec', line, '/dev/null'], {
        env: { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh', AWS_EC2_METADATA_DISABLED: 'true' },
        cwd: home,
      })
      const ended = new Promise((resolve) => child.once('close', resolve))
      await eventually(() => NAMES.every((name) => existsSync(join(home, name)) && processId(name) > 0))
      expect(NAMES.map(isRunning)).toEqual([true, true, true])
      if (signal !== undefined) process.kill(processId('plugin'), `SIG${signal}`)
      await ended
      await eventually(() => NAMES.every((name) => !isRunning(name)))
      expect(NAMES.map(isRunning)).toEqual([false, false, false])
    },
  )
})
