import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken, runCommand } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { keys } from '../support/runtime.ts'
import { type AwsHome, createAwsHome, ssoLogin } from '../support/temporary-home.ts'

let aws: LocalAws
let home: AwsHome
beforeAll(async () => {
  aws = await startLocalAws()
  home = createAwsHome(aws)
  home.write(...ssoLogin('corp', 3600))
  home.write('empty-kubeconfig', 'apiVersion: v1\nkind: Config\n')
  mkdirSync(join(home.folder, 'directory'))
})
afterAll(async () => {
  home.remove()
  await aws.close()
})

const KEYS = keys('AKIDEXAMPLE')
const NONE = {}
const DENIED = '--role-arn arn:aws:iam::123456789012:role/denied'

/** Command lines that return each exit code of a command. 130 is in interrupt.test.ts. */
const ROWS: readonly (readonly [line: string, env: Readonly<Record<string, string>>, code: number])[] = [
  ['--cluster-name demo', KEYS, 0],
  ['--cluster-name demo --nope', KEYS, 252],
  ['--cluster-name demo', NONE, 253],
  [`--cluster-name demo ${DENIED}`, KEYS, 254],
  ['--cluster-name demo --profile nope', KEYS, 255],
  ['update-kubeconfig --help', NONE, 0],
  ['update-kubeconfig', NONE, 252],
  ['update-kubeconfig --name demo', NONE, 253],
  ['update-kubeconfig --name nope', KEYS, 254],
  ['update-kubeconfig --name demo --profile nope', KEYS, 255],
  ['inspect --cluster-name demo', KEYS, 0],
  ['inspect k8s-aws-v1.xxxx', NONE, 1],
  ['inspect a b', NONE, 252],
  ['inspect --cluster-name demo', NONE, 253],
  [`inspect --cluster-name demo ${DENIED}`, KEYS, 254],
  ['inspect --cluster-name demo --profile nope', KEYS, 255],
  ['verify --cluster-name demo', KEYS, 0],
  ['verify k8s-aws-v1.xxxx --cluster-name demo', NONE, 1],
  ['verify', NONE, 252],
  ['verify --cluster-name demo', NONE, 253],
  [`verify --cluster-name demo ${DENIED}`, KEYS, 254],
  ['verify --cluster-name demo --profile nope', KEYS, 255],
  ['doctor --help', NONE, 0],
  ['doctor --kubeconfig nope', NONE, 1],
  ['doctor x', NONE, 252],
  ['doctor --all --kubeconfig empty-kubeconfig', NONE, 255],
  ['convert-kubeconfig --kubeconfig empty-kubeconfig', NONE, 0],
  ['convert-kubeconfig x', NONE, 252],
  ['convert-kubeconfig --kubeconfig directory', NONE, 255],
  ['login --status', NONE, 0],
  ['login --status --profile sso', NONE, 0],
  ['login --status --sso-session corp', NONE, 0],
  ['sso login --status', NONE, 0],
  ['login --status --profile legacy', NONE, 1],
  ['login --status --profile login', NONE, 1],
  ['login --status --profile keys', NONE, 253],
  ['login --status --profile nope', NONE, 255],
  ['login --status --sso-session nope', NONE, 253],
  ['login hepl', NONE, 252],
  ['login --profile keys', NONE, 253],
  ['login --profile sso --region us_west_2', NONE, 255],
  ['logout --profile legacy', NONE, 0],
  ['logout hepl', NONE, 252],
  ['logout --profile keys', NONE, 253],
  ['logout --profile nope', NONE, 255],
  ['cache list', NONE, 0],
  ['cache', NONE, 252],
  ['completion bash', NONE, 0],
  ['completion', NONE, 252],
]

describe.concurrent('the exit code', () => {
  test.each(ROWS)('of %s with %o is %d', async (line, env, code) => {
    const result = await runInProcess(line.split(' '), { env: { ...home.env, ...env }, cwd: home.folder })
    expect(result.stderr).toMatch(code <= 1 ? /^$/ : /^eks-get-token: .*\n {2}hint: .+\n$/)
    expect(result.code).toBe(code)
  })
  test.each(['cache list', 'completion bash', 'login --status', 'inspect --help'])(
    'of %s on a full disk is 255',
    async (line) => {
      const words = ['-c', '"$@" > /dev/full', 'sh', ...eksGetToken(), ...line.split(' ')]
      const { code, stderr } = await runCommand(['/bin/sh', ...words], { env: home.env, cwd: home.folder })
      expect([code, stderr]).toEqual([255, expect.stringContaining('(ERR_OUTPUT)')])
    },
  )
})

test.each(['0', 'abc', '40', ''])('COLUMNS=%j does not change the help in a pipe', async (COLUMNS) => {
  const help = (env: Record<string, string>) => runInProcess(['doctor', '--help'], { env, cwd: home.folder })
  const { stdout } = await help({ ...home.env, COLUMNS })
  expect(stdout).toBe((await help(home.env)).stdout)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('login --status shows the login of the profile that --profile names, and all whatever AWS_PROFILE says', async () => {
  const profiles = async (args: readonly string[], env = {}) => {
    const line = ['login', '--status', '--output', 'json', '--query', '[].profiles[0]', ...args]
    return JSON.parse((await runInProcess(line, { env: { ...home.env, ...env }, cwd: home.folder })).stdout)
  }
  expect(await profiles(['--profile', 'sso2'])).toEqual(['sso'])
  expect(await profiles(['--profile', 'legacy'])).toEqual(['legacy'])
  expect(await profiles([])).toEqual(['sso', 'legacy', 'login'])
  expect(await profiles([], { AWS_PROFILE: 'legacy' })).toEqual(['sso', 'legacy', 'login'])
})
