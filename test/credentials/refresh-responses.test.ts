import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsLogin, ssoLogin, useAwsHome } from '../support/aws-home.ts'

// The SDK does not check the types in a response: what a service or a proxy sends must not replace a good login.

const context = useAwsHome()
let server: Server
let url = ''
let body = ''
beforeAll(async () => {
  server = createServer((request, response) => request.resume().on('end', () => response.end(body)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const SSO = { accessToken: 'a', expiresIn: 3600, refreshToken: 'r' }
const KEYS = { accessKeyId: 'ASIAX', secretAccessKey: 'secret-of-ASIAX', sessionToken: 's' }
const CONSOLE = { accessToken: KEYS, tokenType: 'aws_sigv4', expiresIn: 900, refreshToken: 'r' }

describe('a refresh whose response has a value of the wrong type is an error, and the login stays', () => {
  test.each<[string, string, [string, string], object]>([
    ['an SSO access token that is a number', 'sso', ssoLogin('corp', -60), { ...SSO, accessToken: 5 }],
    ['an SSO access token that is an object', 'sso', ssoLogin('corp', -60), { ...SSO, accessToken: {} }],
    [
      'an access key id that is a number',
      'login',
      awsLogin(-60),
      { ...CONSOLE, accessToken: { ...KEYS, accessKeyId: 5 } },
    ],
    [
      'a session token that is a list',
      'login',
      awsLogin(-60),
      { ...CONSOLE, accessToken: { ...KEYS, sessionToken: [1] } },
    ],
    ['a refresh token that is an object', 'login', awsLogin(-60), { ...CONSOLE, refreshToken: { x: 1 } }],
  ])('%s', async (_title, profile, [file, login], response) => {
    context.home.write(file, login)
    body = JSON.stringify(response)
    const env = { AWS_ENDPOINT_URL_SSO_OIDC: url, AWS_ENDPOINT_URL_SIGNIN: url, AWS_MAX_ATTEMPTS: '1' }
    const result = await context.home.runInProcess(['--profile', profile], env)
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_CREDENTIALS)') })
    expect(context.home.files().get(file)).toBe(login)
  })

  test.each(['soon', null, {}, 1e308])('expiresIn %j is not an internal error', async (expiresIn) => {
    context.home.write(...ssoLogin('corp', -60))
    body = JSON.stringify({ ...SSO, expiresIn })
    const env = { AWS_ENDPOINT_URL_SSO_OIDC: url, AWS_MAX_ATTEMPTS: '1' }
    const result = await context.home.runInProcess(['--profile', 'sso'], env)
    expect(result.stderr).not.toContain('ERR_INTERNAL')
  })
})
