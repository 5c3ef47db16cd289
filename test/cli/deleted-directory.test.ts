import { describe, expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// A shell whose directory another terminal has deleted starts kubectl there.

const here = useAwsHome()
const missing = process.platform === 'win32' ? 'Windows does not delete a directory that a process is in' : undefined

/** Runs in a directory that has been deleted. */
function run(args: readonly string[], env: Record<string, string> = {}) {
  const script = 'd=$(mktemp -d) && cd "$d" && rmdir "$d" && exec "$@"'
  return runCommand(['/bin/sh', '-c', script, 'sh', ...eksGetToken(), ...args], {
    env: { ...here.home.env, PATH: '/usr/bin:/bin', ...env },
    cwd: '/',
  })
}

describe('in a deleted working directory', skipUnlessAvailable(missing), () => {
  test('--version is printed', async () => {
    expect(await run(['--version'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('eks-get-token/'),
    })
  })
  test.each([
    ['access keys', ['--profile', 'keys'], 'AKIDKEYS'],
    ['a role', ['--profile', 'keys', '--role-arn', ROLE_A], 'ASIAROLEA00000000000'],
  ])('%s sign', async (_title, args, signer) => {
    const result = await run(['--cluster-name', 'demo', ...args])
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', signer])
  })
  test('a credential_process runs', async () => {
    const keys = '{"Version":1,"AccessKeyId":"AKIDP","SecretAccessKey":"secret-of-AKIDP"}'
    here.home.write('keys.json', keys)
    here.home.write('.aws/config', `[profile x]\ncredential_process = /bin/cat ${here.home.folder}/keys.json\n`)
    const result = await run(['--cluster-name', 'demo', '--profile', 'x'])
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDP'])
  })
  test.each(['config', './config', '../config', 'a/../config'])(
    'the relative config file %s is missing',
    async (AWS_CONFIG_FILE) => {
      const result = await run(['--cluster-name', 'demo', '--profile', 'nowhere'], { AWS_CONFIG_FILE })
      expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_PROFILE)') })
    },
  )
  test('a relative kubeconfig cannot be written', async () => {
    const result = await run(['update-kubeconfig', '--name', 'demo', '--profile', 'keys', '--kubeconfig', 'kubeconfig'])
    expect([result.code === 0, result.stdout]).toEqual([false, ''])
    expect(result.stderr).not.toContain('ERR_INTERNAL')
  })
})
