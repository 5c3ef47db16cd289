import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwsHome, awsLogin, ROLE_A, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { ENCODINGS, leaksIn } from '../support/encodings.ts'
import {
  type QuotedError,
  type QuotingService,
  specialSecret,
  startQuotingService,
} from '../support/quoting-service.ts'

// A service quotes the secrets of a request back: in the error code, in a header, in the message, in every encoding. None of
// it reaches stdout, stderr with --debug, or a file.

const context = useAwsHome()

const SECRETS = {
  sessionToken: specialSecret('SESSIONTOKEN'),
  webIdentity: specialSecret('WEBIDENTITY'),
  bearer: specialSecret('BEARERTOKEN'),
  clientSecret: specialSecret('CLIENTSECRET'),
  refresh: specialSecret('REFRESHTOKEN'),
  loginRefresh: specialSecret('LOGINREFRESH'),
  container: specialSecret('CONTAINERTOKEN'),
}

/** The response of the service to a request that contains these secrets. */
type Quote = (secrets: readonly string[]) => QuotedError

let service: QuotingService
beforeAll(async () => {
  service = await startQuotingService(Object.values(SECRETS))
})
afterAll(() => service.close())

interface Source {
  readonly title: string
  readonly args: readonly string[]
  readonly env?: () => Record<string, string>
  readonly prepare?: (home: AwsHome) => void
  /** The secrets that it sends. */
  readonly sends: readonly string[]
}
const SOURCES: readonly Source[] = [
  {
    title: 'a role, with a session token',
    args: ['--role-arn', ROLE_A],
    env: () => ({
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-ASIAEXAMPLE',
      AWS_SESSION_TOKEN: SECRETS.sessionToken,
    }),
    sends: [SECRETS.sessionToken],
  },
  {
    title: 'web identity',
    args: ['--profile', 'web'],
    prepare: (home) => home.write('web-token', SECRETS.webIdentity),
    sends: [SECRETS.webIdentity],
  },
  {
    title: 'SSO',
    args: ['--profile', 'sso'],
    prepare: (home) => home.write(...ssoLogin('corp', 7200, { accessToken: SECRETS.bearer })),
    sends: [SECRETS.bearer],
  },
  {
    title: 'the refresh of an SSO login',
    args: ['--profile', 'sso'],
    prepare: (home) =>
      home.write(...ssoLogin('corp', -60, { refreshToken: SECRETS.refresh, clientSecret: SECRETS.clientSecret })),
    sends: [SECRETS.refresh, SECRETS.clientSecret],
  },
  {
    title: "the refresh of a login of 'aws login'",
    args: ['--profile', 'login'],
    prepare: (home) => home.write(...awsLogin(60, SECRETS.loginRefresh)),
    sends: [SECRETS.loginRefresh],
  },
  {
    title: 'a container',
    args: [],
    env: () => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.endpoint}/creds`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: SECRETS.container,
    }),
    sends: [SECRETS.container],
  },
]

const quotedAs = (encode: (text: string) => string, secrets: readonly string[]): string => secrets.map(encode).join(' ')
const QUOTES: readonly (readonly [title: string, quote: Quote])[] = [
  [
    'in the message, in half of the encodings',
    (secrets) => ({
      code: 'AccessDenied',
      message: Object.values(ENCODINGS)
        .slice(0, 8)
        .map((encode) => quotedAs(encode, secrets))
        .join(' | '),
    }),
  ],
  [
    'in the message, in the other encodings',
    (secrets) => ({
      code: 'AccessDenied',
      message: Object.values(ENCODINGS)
        .slice(8)
        .map((encode) => quotedAs(encode, secrets))
        .join(' | '),
    }),
  ],
  ...Object.entries(ENCODINGS).map(([name, encode]): readonly [string, Quote] => [
    `in the code, ${name}`,
    (secrets) => ({ code: quotedAs(encode, secrets).replaceAll(' ', '_'), message: 'denied' }),
  ]),
  ...Object.entries(ENCODINGS)
    .filter(([name]) => /lower|Base64$|start|plain/.test(name))
    .map(([name, encode]): readonly [string, Quote] => [
      `in the header, ${name}`,
      (secrets) => ({ code: quotedAs(encode, secrets).replaceAll(' ', '_'), message: 'denied', inHeader: true }),
    ]),
  [
    'in the code, with control characters',
    (secrets) => ({ code: `A\u009b31m${secrets[0]}\u202e`, message: '\u007f\nhint: forged' }),
  ],
]

describe.each(SOURCES.map((source) => [source.title, source] as const))('%s', (title, source) => {
  // All errors of a protocol are read in the same way. A container's response is not quoted at all.
  const isWhole = title === 'a role, with a session token' || title === 'SSO'
  const quotes = isWhole ? QUOTES : QUOTES.slice(0, title === 'a container' ? 1 : 4)
  test.each(quotes)('quoted %s', async (_title, given) => {
    service.respond(given)
    source.prepare?.(context.home)
    const before = context.home.files()
    const { HTTPS_PROXY: _proxy, ...env } = context.home.env
    const result = await context.home.runInProcess([...source.args, '--debug'], {
      ...env,
      HTTPS_PROXY: '',
      AWS_ENDPOINT_URL: service.endpoint,
      AWS_MAX_ATTEMPTS: '1',
      ...source.env?.(),
    })
    expect(service.received()).toEqual(new Set(source.sends))
    expect([result.stdout, result.timedOut]).toEqual(['', false])
    expect(result.code, result.stderr).toBeGreaterThan(253)
    expect(leaksIn(result.stderr, source.sends)).toEqual([])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
    expect(result.stderr).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]|^\s*hint: forged/m)
    for (const [file, text] of context.home.files()) {
      if (before.get(file) !== text) expect([file, leaksIn(text, source.sends)]).toEqual([file, []])
    }
  })
})
