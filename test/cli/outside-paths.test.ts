import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runEksGetToken } from '../support/command.ts'
import { keys } from '../support/runtime.ts'
import { onTerminal, SCRIPT } from '../support/screens.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// Names of files, contexts and clusters reach the terminal without control characters, whichever command prints them.

const here = useAwsHome()

const FORGED = 'x\u001b[2J\u009b31m\u202e\u007f\u0085\r\nforged'
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)/

/** Bidi controls are characters of YAML; C0 and C1 controls have to be escaped. */
const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: "c\\e[2J"
contexts:
- {name: "c\\e[2J", context: {cluster: "k\u202e", user: "u\\e[31m\\nforged"}}
clusters:
- {name: "k\u202e", cluster: {server: "https://127.0.0.1:1"}}
users:
- name: "u\\e[31m\\nforged" # \u202e
  user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, get-token, --cluster-name, demo]}}
`

const environment = (kubeconfig: string) => ({
  ...here.home.env,
  ...keys('AKIDEXAMPLE'),
  KUBECONFIG: kubeconfig,
  LANG: 'C.UTF-8',
})

function forgedFile(name: string, text?: string): string {
  const directory = join(here.home.folder, FORGED)
  mkdirSync(directory, { recursive: true })
  if (text !== undefined) writeFileSync(join(directory, name), text)
  return join(directory, name)
}

describe('the path of a kubeconfig, and what is in it, in the output of', () => {
  test.each([
    ['convert-kubeconfig'],
    ['convert-kubeconfig', '--dry-run'],
    ['convert-kubeconfig', '--shared-user', '--dry-run'],
    ['convert-kubeconfig', '--restore'],
    ['convert-kubeconfig', '--context', FORGED],
    ['convert-kubeconfig', '--print-kuberc'],
    ['doctor'],
    ['doctor', '--all'],
    ['doctor', '--context', FORGED, '--output', 'table'],
    ['update-kubeconfig', '--name', 'demo'],
    ['update-kubeconfig', '--name', 'demo', '--alias', FORGED],
    ['update-kubeconfig', '--name', 'demo', '--user-alias', FORGED, '--cluster-alias', FORGED, '--verbose'],
    ['update-kubeconfig', '--name', 'demo', '--namespace', FORGED, '--exec-profile', FORGED, '--verbose'],
    ['update-kubeconfig', '--name', 'nope', '--alias', FORGED],
    ['update-kubeconfig', '--all', '--alias-format', `{name}-${FORGED}`],
  ])('%s %j %j %j', async (...argv) => {
    const env = environment(`${forgedFile('config', `${KUBECONFIG}---\nanother: document\n`)}:${forgedFile('missing')}`)
    const options = argv[0] === 'update-kubeconfig' ? ['--kubeconfig', forgedFile('new')] : []
    const { stdout, stderr } = await runEksGetToken([...argv, ...options], { env, cwd: here.home.folder })
    expect(stdout + stderr).not.toBe('')
    // What a script reads from stdout are the bytes of the AWS CLI, which prints names as they are.
    const printed = argv[0] === 'update-kubeconfig' ? stderr : stdout + stderr
    expect(printed).not.toMatch(UNSAFE)
    expect(printed).not.toMatch(/^forged/m)
  })
})

describe('on a terminal', skipUnlessAvailable(SCRIPT ? undefined : 'script (util-linux) is not on PATH'), () => {
  test.each([
    ['update-kubeconfig', '--name', 'demo', '--dry-run'],
    ['convert-kubeconfig', '--dry-run'],
    ['update-kubeconfig', '--name', 'demo'],
    ['update-kubeconfig', '--name', 'demo', '--alias', FORGED],
  ])('%j %j %j %j %j prints no control characters of the file', async (...argv) => {
    const file = forgedFile('config', KUBECONFIG)
    chmodSync(file, 0o644)
    const { code, screen } = await onTerminal([...eksGetToken(), ...argv], {
      env: environment(file),
      cwd: here.home.folder,
    })
    expect([code, screen]).toEqual([0, expect.stringMatching(/demo|forged/)])
    expect(screen).not.toMatch(UNSAFE)
  })
})
