import { describe, expect, test } from 'vitest'
import { useAwsHome } from '../support/aws-home.ts'
import { runInProcess } from '../support/in-process.ts'
import { keys } from '../support/runtime.ts'

// Secrets of a kubeconfig, also misplaced ones and those of a file that cannot be read: no command prints them.

const here = useAwsHome()

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9-kube-SECRETVALUE-0123456789'
const API = 'apiVersion: client.authentication.k8s.io/v1beta1'
const ARGS = 'args: [eks, get-token, --cluster-name, demo'
const EXEC = `{exec: {${API}, command: aws, ${ARGS}]}}`

function kubeconfig(user: string, cluster = 'server: "https://127.0.0.1:1"', more = ''): string {
  return `apiVersion: v1
kind: Config
current-context: c
contexts:
- {name: c, context: {cluster: k, user: u}}
clusters:
- {name: k, cluster: {${cluster}}}
users:
- name: u
  user: ${user}
${more}`
}

const TEXTS: Readonly<Record<string, string>> = {
  'a token': kubeconfig(`{token: ${TOKEN}}`),
  'a password': kubeconfig('{username: u, password: kube-SECRETVALUE}'),
  'an unclosed map': kubeconfig(`{token: ${TOKEN}`),
  'an unclosed quote': kubeconfig(`{token: "${TOKEN}}`),
  'a tab': kubeconfig(`\n\t token: ${TOKEN}`),
  'a token as a key': kubeconfig(`{${TOKEN}: 1}`),
  'a token as an anchor': kubeconfig(`{token: &${TOKEN} x}`),
  'a token as an alias': kubeconfig(`{token: *${TOKEN}}`),
  'a token as a tag': kubeconfig(`{token: !${TOKEN} x}`),
  'a list of tokens': kubeconfig(`{token: [${TOKEN}]}`),
  'a map of tokens': kubeconfig(`{token: {${TOKEN}: 1}}`),
  'a block that is not indented': kubeconfig(`\n    token: |\n      line\n      ${TOKEN}\n   bad: x`),
  'a merge key': kubeconfig(`{<<: ${TOKEN}}`),
  'two users of one name': kubeconfig(EXEC, undefined, `- name: u\n  user: {token: ${TOKEN}}\n`),
  'another document': kubeconfig(EXEC, undefined, `---\ntoken: ${TOKEN}\n...\n%FOO ${TOKEN}\n`),
  'an argument': kubeconfig(`{exec: {${API}, command: aws, ${ARGS}, --foo, ${TOKEN}]}}`),
  'a variable of the exec block': kubeconfig(
    `{exec: {${API}, command: aws, ${ARGS}], env: [{name: AWS_SESSION_TOKEN, value: ${TOKEN}}, {name: AWS_SECRET_ACCESS_KEY, value: kube-SECRETVALUE}]}}`,
  ),
  'a variable before the command': kubeconfig(
    `{exec: {${API}, command: "AWS_SECRET_ACCESS_KEY=kube-SECRETVALUE aws", ${ARGS}]}}`,
  ),
  'a variable of env': kubeconfig(
    `{exec: {${API}, command: env, ${ARGS.replace('[', '[AWS_SECRET_ACCESS_KEY=kube-SECRETVALUE, aws, ')}]}}`,
  ),
  'a token as the version of the API': kubeconfig(`{exec: {apiVersion: ${TOKEN}, command: aws, ${ARGS}]}}`),
  'an auth-provider': kubeconfig(
    `{auth-provider: {name: oidc, config: {id-token: ${TOKEN}, refresh-token: kube-SECRETVALUE, client-secret: kube-SECRETVALUE}}}`,
  ),
  'a token as the auth-provider': kubeconfig(`{auth-provider: {name: ${TOKEN}, config: {id-token: ${TOKEN}}}}`),
  'a key that is not one': kubeconfig(
    '{client-key-data: "a3ViZS1TRUNSRVRWQUxVRQ==", client-certificate-data: "!!kube-SECRETVALUE"}',
  ),
  'a password in the server': kubeconfig(
    EXEC,
    'server: "https://me:kube-SECRETVALUE@127.0.0.1:1/?q=kube-SECRETVALUE#kube-SECRETVALUE"',
  ),
  'a password in a server without a scheme': kubeconfig(EXEC, 'server: "kube-SECRETVALUE:x@127.0.0.1"'),
  'a password in a proxy-url': kubeconfig(
    EXEC,
    'server: "https://127.0.0.1:1", proxy-url: "http://me:kube-SECRETVALUE@["',
  ),
  'a token as the user of a context': kubeconfig(`{token: ${TOKEN}}`).replace('user: u}', `user: ${TOKEN}}`),
  'a token as the current context': kubeconfig(`{token: ${TOKEN}}`).replace(
    'current-context: c',
    `current-context: ${TOKEN}`,
  ),
  'binary data': `kube-SECRETVALUE \u0000 ${TOKEN}`,
}

/** Three of them for each text. */
const COMMANDS: readonly (readonly string[])[] = [
  ['convert-kubeconfig'],
  ['doctor'],
  ['update-kubeconfig', '--name', 'demo'],
  ['convert-kubeconfig', '--dry-run'],
  ['doctor', '--all', '--output', 'json'],
  ['update-kubeconfig', '--name', 'demo', '--alias', 'c', '--user-alias', 'u', '--cluster-alias', 'k'],
  ['convert-kubeconfig', '--shared-user', '--dry-run'],
  ['doctor', '--output', 'table'],
  ['convert-kubeconfig', '--restore'],
  ['completion', 'candidates', '--', 'doctor', '--context', ''],
  ['convert-kubeconfig', '--print-kuberc'],
]

describe.each(Object.entries(TEXTS).map((entry, index) => [...entry, index] as const))(
  'a kubeconfig with %s',
  (_title, text, index) => {
    const commands = [0, 1, 2].map((offset) => COMMANDS[(index * 3 + offset) % COMMANDS.length] ?? [])
    test.each(commands.map((argv) => [argv.join(' '), argv] as const))('%s prints no secret', async (_line, argv) => {
      here.home.write('kubeconfig', text)
      const env = { ...here.home.env, ...keys('AKIDEXAMPLE'), KUBECONFIG: `${here.home.folder}/kubeconfig` }
      const args = argv[0] === 'completion' ? argv : [...argv, '--debug']
      const { stdout, stderr, timedOut } = await runInProcess(args, { env, cwd: here.home.folder })
      expect(timedOut).toBe(false)
      expect(stdout + stderr).not.toMatch(/SECRETVALUE|a3ViZS1TRUNSRVRW|secret-of-|ERR_INTERNAL/)
    })
  },
)
