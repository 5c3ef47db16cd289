import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'

// Files and services that are not what they should be: a clear error soon, or a miss that heals; nothing else changes.

const here = useAwsHome()

/** What may stand in the place of a file. */
const SPOILT: readonly [string, (file: string) => void][] = [
  ['nothing in it', (file) => writeFileSync(file, '')],
  ['garbage', (file) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x7b]))],
  ['half of JSON', (file) => writeFileSync(file, '{"accessToken":')],
  ...['null', '[]', '7', '"text"', '{}', '{"Credentials":null}'].map((text): [string, (file: string) => void] => [
    text,
    (file) => writeFileSync(file, text),
  ]),
  [
    'fields of other types',
    (file) => writeFileSync(file, '{"accessToken":7,"expiresAt":[],"Credentials":{"AccessKeyId":7,"Expiration":{}}}'),
  ],
  ['20 MB', (file) => writeFileSync(file, Buffer.alloc(20 << 20, 'x'))],
  ['a folder', (file) => mkdirSync(file)],
  ['a pipe', (file) => execFileSync('mkfifo', [file])],
  ['a link to nowhere', (file) => symlinkSync('/nowhere', file)],
  [
    'a file that others may write',
    (file) => {
      writeFileSync(file, ssoLogin('corp', 3600)[1])
      chmodSync(file, 0o666)
    },
  ],
]

function spoil(name: string, make: (file: string) => void): void {
  const file = join(here.home.folder, name)
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  make(file)
}

describe.each([
  ['an SSO login', ssoLogin('corp', 0)[0], ['--profile', 'sso']],
  ['a login of aws login', awsLogin(0)[0], ['--profile', 'login']],
])('%s that is', (_title, name, args) => {
  test.each(SPOILT)('%s', async (_what, make) => {
    spoil(name, make)
    const result = await here.home.run(args)
    expect(result).toMatchObject({
      code: 255,
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_CREDENTIALS\)\n {2}next: run: aws (sso )?login/),
    })
    expect(result.seconds).toBeLessThan(8)
    expect(here.aws.calls).toEqual([])
  })
})

describe('an entry of the cache that is', () => {
  const ROLE_FILE = '.aws/cli/cache/9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4.json'
  test.each(SPOILT)('%s is a miss', async (what, make) => {
    spoil(ROLE_FILE, make)
    const result = await here.home.run(['--profile', 'role'])
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEA00000000000'])
    if (what === 'a folder') return
    // It has healed.
    const again = await here.home.run(['--profile', 'role'])
    expect([again.code, here.aws.calls.length]).toEqual([0, 1])
  })
  test.each(SPOILT)('%s is a miss, of --role-arn too', async (_what, make) => {
    const args = ['--profile', 'keys', '--role-arn', ROLE_A]
    expect((await here.home.run(args)).code).toBe(0)
    const [name = ''] = [...here.home.files().keys()].filter((file) => file.startsWith('.cache/eks-get-token/roles/'))
    spoil(name, make)
    const result = await here.home.run(args)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEA00000000000'])
  })
})

describe('a web identity token file that is', () => {
  test.each(SPOILT.filter(([what]) => /nothing|garbage|20 MB|folder|pipe|nowhere/.test(what)))(
    '%s',
    async (_what, make) => {
      spoil('web-token', make)
      const result = await here.home.run(['--profile', 'web'])
      expect([252, 255]).toContain(result.code)
      expect(result).toMatchObject({ stdout: '', stderr: expect.stringMatching(/\(ERR_(CREDENTIALS|PARAMETER)\)/) })
      expect([here.aws.calls, result.seconds < 8]).toEqual([[], true])
    },
  )
})

describe('a service that answers with', { timeout: 30_000 }, () => {
  let server: Server
  let url = ''
  let answer: (response: ServerResponse) => void = () => {}
  beforeAll(async () => {
    server = createServer((_request, response) => answer(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.closeAllConnections())

  const ANSWERS: readonly [string, (response: ServerResponse) => void][] = [
    ['a page', (response) => response.end('<html>log in</html>')],
    ['an empty object', (response) => response.end('{}')],
    ['null', (response) => response.end('null')],
    ['nothing', (response) => response.end()],
    ['a page that says 500', (response) => response.writeHead(500).end('<html>')],
    [
      'a refusal of an unknown kind',
      (response) => response.writeHead(403, { 'x-amzn-errortype': 'Odd' }).end('{"message":"no"}'),
    ],
    ['another place', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    [
      'a body that is cut off',
      (response) => response.writeHead(200, { 'content-length': '900' }).write('{"a', () => response.destroy()),
    ],
    ['a hang-up', (response) => response.destroy()],
    ['silence', () => {}],
    [
      'no end',
      (response) => {
        const more = (): void => {
          while (response.writable && response.write('x'.repeat(65_536)));
        }
        response.on('drain', more)
        response.on('close', () => response.removeListener('drain', more))
        more()
      },
    ],
  ]
  const run = (args: readonly string[], variable: string) =>
    here.home.run([...args, '--timeout', '3'], { [variable]: url, AWS_MAX_ATTEMPTS: '1' })

  test.each(ANSWERS)('%s: the portal of SSO', async (_what, how) => {
    answer = how
    here.home.write(...ssoLogin('corp', 7200))
    const result = await run(['--profile', 'sso'], 'AWS_ENDPOINT_URL_SSO')
    expect([254, 255]).toContain(result.code)
    expect(result).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_(SERVICE|NETWORK|CREDENTIALS|TIMEOUT)\)/),
    })
    expect(result.seconds).toBeLessThan(8)
  })
  test.each(ANSWERS)('%s: the renewal of an SSO login, which stays as it was', async (_what, how) => {
    answer = how
    const [file, text] = ssoLogin('corp', -60)
    here.home.write(file, text)
    const result = await run(['--profile', 'sso'], 'AWS_ENDPOINT_URL_SSO_OIDC')
    expect(result).toMatchObject({
      code: 255,
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_(CREDENTIALS|TIMEOUT)\)/),
    })
    expect([readFileSync(join(here.home.folder, file), 'utf8'), here.aws.calls]).toEqual([text, []])
  })
  test.each(ANSWERS)('%s: the renewal of aws login, which stays as it was', async (_what, how) => {
    answer = how
    const [file, text] = awsLogin(60)
    here.home.write(file, text)
    const result = await run(['--profile', 'login'], 'AWS_ENDPOINT_URL_SIGNIN')
    expect([254, 255]).toContain(result.code)
    expect(result).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_(SERVICE|NETWORK|CREDENTIALS|TIMEOUT)\)/),
    })
    expect(readFileSync(join(here.home.folder, file), 'utf8')).toBe(text)
  })
})

describe('a credential_process', { timeout: 30_000 }, () => {
  const withProcess = (script: string) => {
    here.home.write('process', `#!/bin/sh\n${script}\n`)
    chmodSync(join(here.home.folder, 'process'), 0o755)
  }
  test.each([
    ['prints bytes that are no text', "printf '\\377\\376\\000'"],
    ['prints 5 MB', 'head -c 5000000 /dev/zero'],
    ['prints nothing', ':'],
    ['prints half of JSON', `printf '{"Version":1,'`],
  ])('that %s', async (_title, script) => {
    withProcess(script)
    const result = await here.home.run(['--profile', 'process'])
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_CREDENTIALS)') })
  })
  test('that takes too long is ended with all that it has started', async () => {
    withProcess(
      `sleep 1000 & echo $! >${here.home.folder}/pids; (sleep 1001 & echo $! >>${here.home.folder}/pids); echo $$ >>${here.home.folder}/pids; sleep 1002`,
    )
    const result = await here.home.run(['--profile', 'process', '--timeout', '1'])
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_TIMEOUT)') })
    const pids = readFileSync(join(here.home.folder, 'pids'), 'utf8').trim().split('\n').map(Number)
    expect(pids).toHaveLength(3)
    expect(pids.filter(isAlive)).toEqual([])
  })
})

/** A process that has ended and is not yet waited for is as good as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
