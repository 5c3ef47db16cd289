import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { keys } from '../support/runtime.ts'

// The role of --role-arn was cached for one identity, and the same source returns another: STS decides whether that one may
// assume the role, not the cache.

const here = useAwsHome()

let accessKeyId = ''
const credentials = () => ({
  AccessKeyId: accessKeyId,
  SecretAccessKey: `secret-of-${accessKeyId}`,
  Token: 'SESSIONTOKEN',
  Expiration: '2100-01-01T00:00:00Z',
})

/** A container agent and instance metadata. */
let server: Server
beforeAll(async () => {
  server = createServer(({ url = '', method }, response) => {
    if (method === 'PUT') response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', '21600').end('metadata-token')
    else if (url.endsWith('/security-credentials/')) response.end('instance-role')
    else response.end(JSON.stringify({ Code: 'Success', ...credentials() }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** @returns the arguments and variables that select the source, after its identity has changed */
const SOURCES: readonly (readonly [title: string, select: () => readonly [string[], Record<string, string>]])[] = [
  [
    'a credential_process',
    () => {
      const { Token, ...rest } = credentials()
      here.home.write('answer', JSON.stringify({ Version: 1, ...rest, SessionToken: Token }))
      const config = (here.home.files().get('.aws/config') ?? '').replace(/credential_process = .*/, '')
      const line = `credential_process = /bin/cat ${here.home.folder}/answer`
      here.home.write('.aws/config', config.replace('[profile process]', `[profile process]\n${line}`))
      return [['--profile', 'process'], {}]
    },
  ],
  ['a container', () => [[], { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin()}/creds` }]],
  [
    'an instance',
    () => [[], { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: `${origin()}/` }],
  ],
  ['the environment', () => [[], keys(accessKeyId)]],
  [
    'a profile with access keys',
    () => {
      const lines = `[profile x]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = secret-of-${accessKeyId}\n`
      here.home.write('.aws/credentials', lines.replace('profile ', ''))
      return [['--profile', 'x'], {}]
    },
  ],
]

test.each(SOURCES)('%s: a cached role is not used for another identity', async (_title, select) => {
  const run = async (identity: string) => {
    accessKeyId = identity
    const [args, env] = select()
    const result = await here.home.run([...args, '--role-arn', ROLE_A], env)
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(signerOf(result)).toBe('ASIAROLEA00000000000')
    return here.aws.calls.filter(({ op }) => op === 'AssumeRole').map(({ signedBy }) => signedBy?.accessKeyId)
  }
  expect(await run('AKIDFIRST')).toEqual(['AKIDFIRST'])
  expect(await run('AKIDSECOND')).toEqual(['AKIDFIRST', 'AKIDSECOND'])
  // Each has an entry of its own.
  expect(await run('AKIDFIRST')).toEqual(['AKIDFIRST', 'AKIDSECOND'])
  expect(await run('AKIDSECOND')).toEqual(['AKIDFIRST', 'AKIDSECOND'])
})
