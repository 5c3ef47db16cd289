import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/** Shells on a real terminal, which tmux gives them: what a person sees after pressing the tab key. */
const TMUX = findProgram('tmux')

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-shells-'))
  mkdirSync(join(home, 'bin'))
  mkdirSync(join(home, '.aws'))
  mkdirSync(join(home, '.kube'))
  const words = eksGetToken().map((word) => `'${word}'`)
  writeFileSync(join(home, 'bin', 'eks-get-token'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  writeFileSync(join(home, '.aws', 'config'), '[profile dev-one]\n[profile dev-two]\n[profile "my account"]\n')
  writeFileSync(
    join(home, '.kube', 'config'),
    'apiVersion: v1\nkind: Config\ncontexts:\n- name: arn:aws:eks:eu-west-1:111122223333:cluster/demo\n  context: {}\n',
  )
  writeFileSync(join(home, 'token.txt'), '')
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const SHELLS: [name: string, start: (program: string) => string[], load: string][] = [
  ['bash', (program) => [program, '--norc', '--noprofile', '-i'], 'eval "$(eks-get-token completion bash)"'],
  ['zsh', (program) => [program, '-f', '-i'], 'source <(eks-get-token completion zsh)'],
  ['fish', (program) => [program, '--no-config', '-i'], 'eks-get-token completion fish | source'],
]

describe.each(SHELLS)('%s', (name, start, load) => {
  const shell = findProgram(name)
  const missing = TMUX === undefined ? 'no tmux' : shell === undefined ? `no ${name}` : undefined
  const socket = `eks-get-token-${process.pid}-${name}`
  const tmux = (...args: string[]): string =>
    execFileSync(TMUX ?? '', ['-L', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: {
        HOME: home,
        PATH: [join(home, 'bin'), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
        TERM: 'xterm',
        LANG: 'C.UTF-8',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const screen = (): string => tmux('capture-pane', '-p', '-J')
  const type = (text: string): void => {
    tmux('send-keys', '-l', text)
  }
  /** Starts the shell anew, types, and presses the tab key until the text is there. */
  const completes = async (line: string, expected: string | RegExp): Promise<void> => {
    tmux('respawn-pane', '-k', '-c', home, ...start(shell ?? ''))
    type(`${load}; clear; echo rea''dy`)
    tmux('send-keys', 'Enter')
    await eventually(() => screen().startsWith('ready'))
    type(line)
    tmux('send-keys', 'Tab')
    const isThere = () => (typeof expected === 'string' ? screen().includes(expected) : expected.test(screen()))
    await eventually(() => {
      if (isThere()) return true
      // A second one lists what is ambiguous.
      tmux('send-keys', 'Tab')
      execFileSync('sleep', ['0.3'])
      return isThere()
    })
    expect(screen()).toMatch(expected)
  }

  test('completes commands, options and values', { timeout: 60_000, ...skipUnlessAvailable(missing) }, async () => {
    tmux('new-session', '-d', '-x', '120', '-y', '40', '-c', home, ...start(shell ?? ''))
    try {
      await completes('eks-get-token doc', 'eks-get-token doctor')
      await completes('eks-get-token --cluster-n', '--cluster-name')
      await completes('eks-get-token --profile dev-', /dev-one[\s\S]*dev-two/)
      await completes('eks-get-token --profile my', /my\\? account|"my account"|'my account'/)
      await completes('eks-get-token --region us-gov-w', 'us-gov-west-1')
      await completes(
        'eks-get-token doctor --context arn:aws:eks:',
        /arn:?\\?:aws\\?:eks\\?:eu-west-1\\?:111122223333\\?:cluster\/demo/,
      )
      await completes('eks-get-token doctor --output=ta', '--output=table')
      // Files, where the program has no candidates.
      await completes('eks-get-token inspect token.t', 'token.txt')
    } finally {
      tmux('kill-server')
    }
  })
})
