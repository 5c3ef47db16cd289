import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { type CommandResult, eksGetToken } from '../support/command.ts'
import { START_URL } from '../support/local-aws/oidc.ts'
import { onTerminal, SCRIPT } from '../support/screens.ts'
import { createTestBrowser, runLogin, SIGN_IN_SECRETS } from '../support/sign-in.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const here = useAwsHome()
const login = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runLogin(here.home, ['login', ...args], env)

const noScript = SCRIPT ? undefined : 'script (util-linux) is not on PATH'
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
const ssoFile = (name: string) => `.aws/sso/cache/${name}.json`
const CORP_FILE = ssoFile(sha1('corp'))
const read = (file: string) => JSON.parse(here.home.files().get(file) ?? 'null') as Record<string, unknown> | null
const mode = (file: string) => statSync(join(here.home.folder, file)).mode & 0o777
const operations = () => here.aws.calls.map(({ op }) => op)

/** The file of a registration, by the key that Python computes. */
const registrationKey = (session: string, scopes = 'null', startUrl = START_URL) =>
  sha1(
    `{"region": "eu-west-1", "scopes": ${scopes}, "session_name": ${session}, "startUrl": "${startUrl}", "tool": "botocore"}`,
  )

const SUCCESS = `Successfully logged into Start URL: ${START_URL}\n`
const CODE_LINES = '\nThen enter the code:\n\nABCD-EFGH\n'

function expectNoSecret(...results: CommandResult[]) {
  for (const { stdout, stderr } of results) {
    for (const secret of SIGN_IN_SECRETS) expect(stdout + stderr).not.toContain(secret)
  }
}

describe('the authorization code grant', () => {
  test('signs in with the parameters and the files of the AWS CLI, and get-token uses the login', async () => {
    const browser = createTestBrowser(here.home)
    const before = Date.now()
    const result = await login(['--profile', 'sso'], browser.env)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    const [url = ''] = browser.opened()
    expect(result.stdout).toBe(
      `Attempting to open your default browser.\nIf the browser does not open, open the following URL:\n\n${url}\n\n${SUCCESS}`,
    )
    expect(url).toMatch(
      /^https:\/\/oidc\.eu-west-1\.amazonaws\.com\/authorize\?response_type=code&client_id=client1_i+&redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A\d+%2Foauth%2Fcallback&state=[\w-]+&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess&code_challenge=[\w-]+$/,
    )
    expect(here.aws.oidc.problems).toEqual([])
    expect(operations()).toEqual(['RegisterClient', 'Authorize', 'CreateToken'])

    const registration = registrationKey('"corp"')
    const content = read(ssoFile(registration))
    expect(Object.entries(content ?? {})).toEqual([
      ['clientId', expect.stringMatching(/^client1_/)],
      ['clientSecret', expect.stringMatching(/^CLIENTSECRET1/)],
      ['expiresAt', expect.stringMatching(ISO_SECONDS)],
      ['scopes', ['sso:account:access']],
      ['grantTypes', ['authorization_code', 'refresh_token']],
    ])
    expect(Object.entries(read(CORP_FILE) ?? {})).toEqual([
      ['startUrl', START_URL],
      ['region', 'eu-west-1'],
      ['accessToken', 'NEWACCESSTOKENEXAMPLE'],
      ['expiresAt', expect.stringMatching(ISO_SECONDS)],
      ['clientId', content?.clientId],
      ['clientSecret', content?.clientSecret],
      ['registrationExpiresAt', content?.expiresAt],
      ['refreshToken', 'NEWREFRESHTOKENEXAMPLE'],
    ])
    const lifetime = Date.parse(String(read(CORP_FILE)?.expiresAt)) - before
    expect(Math.abs(lifetime - 28_800_000)).toBeLessThan(60_000)
    expect([mode(CORP_FILE), mode(ssoFile(registration))]).toEqual([0o600, 0o600])
    expect(await browser.page()).toContain('You are signed in to session corp.')
    expectNoSecret(result)

    const token = await here.home.run(['--profile', 'sso'])
    expect(token).toMatchObject({ code: 0, stderr: '' })
    expect(here.aws.calls.at(-1)).toMatchObject({ op: 'GetRoleCredentials', bearer: 'NEWACCESSTOKENEXAMPLE' })
  })

  test('as the source of a role, and by its session', async () => {
    here.home.write('.aws/config', `${here.home.files().get('.aws/config')}${ROLE_ON_SSO}`)
    const { env } = createTestBrowser(here.home)
    for (const args of [
      ['--profile', 'on-sso'],
      ['--sso-session', 'corp'],
      ['sso', '--profile', 'sso'],
    ]) {
      expect(await login(args, env)).toMatchObject({ code: 0, stderr: '' })
    }
    expect((await runLogin(here.home, ['sso', 'login', '--profile', 'sso'], env)).code).toBe(0)
    expect((await login([], { ...env, AWS_PROFILE: 'on-sso' })).code).toBe(0)
    expect(here.aws.oidc.problems).toEqual([])
    // A new login each time, with one registration.
    expect(operations().filter((op) => op === 'CreateToken').length).toBe(5)
    expect(operations().filter((op) => op === 'RegisterClient').length).toBe(1)
  })

  test('the configured scopes are registered and requested', async () => {
    const scoped = '[sso-session corp]\nsso_registration_scopes = sso:account:access, , codewhisperer:completions ,\n'
    here.home.write('.aws/config', here.home.files().get('.aws/config')?.replace('[sso-session corp]\n', scoped) ?? '')
    expect((await login(['--profile', 'sso'], createTestBrowser(here.home).env)).code).toBe(0)
    expect(here.aws.oidc.problems).toEqual([])
    const key = registrationKey('"corp"', '["sso:account:access", "codewhisperer:completions"]')
    expect(read(ssoFile(key))?.scopes).toEqual(['sso:account:access', 'codewhisperer:completions'])
  })

  test('a refusal in the browser is shown there and in the terminal, and nothing is stored', async () => {
    here.aws.oidc.behavior = { deny: { error: 'access_denied', description: 'Not \u001b[31mallowed <b>' } }
    const browser = createTestBrowser(here.home)
    const result = await login(['--profile', 'sso'], browser.env)
    expect(result.code).toBe(255)
    expect(result.stderr).toMatch(
      /^eks-get-token: the sign-in was denied in the browser: access_denied: Not {2}\[31mallowed <b> \(ERR_LOGIN\)\n/,
    )
    expect(result.stdout).not.toContain('Successfully')
    expect(await browser.page()).toContain('Sign-in failed')
    expect(await browser.page()).toContain('Not  [31mallowed &#60;b&#62;')
    expect(read(CORP_FILE)).toBeNull()
  })

  test('the browser is told where the code was not accepted', async () => {
    const error = {
      error: 'invalid_grant',
      error_description: 'The code \u009b31m AUTHORIZATIONCODE1EXAMPLE is too old',
    }
    here.aws.oidc.behavior = { responses: { CreateToken: errorResponse(400, error, 'InvalidGrantException') } }
    const browser = createTestBrowser(here.home)
    const result = await login(['--profile', 'sso', '--debug'], browser.env)
    expect(result.code).toBe(254)
    expect(result.stderr).toContain(
      'An error occurred (InvalidGrantException) when calling the CreateToken operation: The code  31m … is too old (ERR_SERVICE)\n',
    )
    expect(await browser.page()).toContain('Sign-in failed')
    expect(await browser.page()).not.toContain('AUTHORIZATIONCODE')
    expect(read(CORP_FILE)).toBeNull()
    expectNoSecret(result)
  })

  test('a registration that the service no longer knows is replaced', async () => {
    const { env } = createTestBrowser(here.home)
    expect((await login(['--profile', 'sso'], env)).code).toBe(0)
    const [first] = here.aws.oidc.clients.keys()
    here.aws.oidc.clients.clear()
    here.aws.oidc.behavior = {
      responses: { CreateToken: errorResponse(401, { error: 'invalid_client' }, 'InvalidClientException') },
    }
    const failed = await login(['--profile', 'sso'], env)
    expect(failed.code).toBe(254)
    expect(read(ssoFile(registrationKey('"corp"')))?.clientId).not.toBe(undefined)
    expect(operations().filter((op) => op === 'RegisterClient').length).toBe(2)
    expect(first).toBeDefined()
  })
})

describe('the device code grant', () => {
  const URL_LINES = `${START_URL}/#/device\n${CODE_LINES}`
  const COMPLETE = `\nAlternatively, you may visit the following URL which will autofill the code upon loading:\n${START_URL}/#/device?user_code=ABCD-EFGH\n`
  const shown = (reason: string) =>
    `Browser will not be automatically opened${reason}.\nPlease visit the following URL:\n\n${URL_LINES}${COMPLETE}\n${SUCCESS}`
  const opening = `Attempting to open your default browser.\nIf the browser does not open, open the following URL:\n\n${URL_LINES}\n${SUCCESS}`

  test.each<[string, readonly string[], Record<string, string>, string]>([
    ['on demand', ['--profile', 'sso', '--use-device-code', '--no-browser'], {}, shown('')],
    ['--remote', ['--profile', 'sso', '--remote', '--no-browser'], {}, shown('')],
    ['for a legacy profile', ['--profile', 'legacy', '--no-browser'], {}, shown('')],
    [
      'over SSH',
      ['--profile', 'sso'],
      { SSH_CONNECTION: '192.0.2.1 5 192.0.2.2 22' },
      shown(' (this is an SSH session)'),
    ],
    ['in a pod', ['--profile', 'sso'], { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, shown(' (this is a container)')],
    ['in a browser', ['--profile', 'sso', '--use-device-code'], { BROWSER: '/bin/true' }, opening],
    ['over SSH with $BROWSER', ['--profile', 'sso'], { SSH_TTY: '/dev/pts/0', BROWSER: '/bin/true' }, opening],
  ])('%s', async (_title, args, env, stdout) => {
    const result = await login([...args, '--debug'], env)
    expect(result).toMatchObject({ code: 0, stdout })
    expect(here.aws.oidc.problems).toEqual([])
    expect(operations()).toEqual(['RegisterClient', 'StartDeviceAuthorization', 'CreateToken', 'CreateToken'])
    const isLegacy = args.includes('legacy')
    const content = read(ssoFile(sha1(isLegacy ? START_URL : 'corp')))
    expect(content).toMatchObject({ accessToken: 'NEWACCESSTOKENEXAMPLE', startUrl: START_URL, region: 'eu-west-1' })
    const registration = read(ssoFile(registrationKey(isLegacy ? 'null' : '"corp"')))
    expect(Object.keys(registration ?? {})).toEqual(['clientId', 'clientSecret', 'expiresAt'])
    expectNoSecret(result)
  })

  test('a client that is authorized already gets the token without a word', async () => {
    here.aws.oidc.behavior = { pendingPolls: 0 }
    expect(await login(['--profile', 'legacy'])).toMatchObject({ code: 0, stdout: SUCCESS, stderr: '' })
  })

  test('polls in the interval of the service, and slower when it says so', { timeout: 60_000 }, async () => {
    here.aws.oidc.behavior = { pendingPolls: 2, pollError: 'SlowDownException' }
    expect((await login(['--profile', 'legacy'])).code).toBe(0)
    const { polls } = here.aws.oidc
    const gaps = polls.slice(1).map((time, index) => time - (polls[index] ?? 0))
    expect(gaps.length).toBe(3)
    expect(gaps.map((gap, index) => gap >= (index === 2 ? 5900 : 950))).toEqual([true, true, true])
  })

  test.each([
    [
      'ExpiredTokenException',
      'the sign-in was not completed in time: the pending authorization has expired (ERR_LOGIN)',
    ],
    ['AccessDeniedException', 'The user  [31mrefused (ERR_LOGIN)'],
  ] as const)('%s ends it', async (pollError, message) => {
    here.aws.oidc.behavior = { pollError }
    const result = await login(['--profile', 'legacy'])
    expect(result).toMatchObject({ code: 255, stderr: expect.stringContaining(message) })
    expect(result.stdout).not.toContain('Successfully')
    expect(read(ssoFile(sha1(START_URL)))).toBeNull()
    expectNoSecret(result)
  })

  test('a registration is reused for the same grant only, and while 15 minutes are left', async () => {
    const { env } = createTestBrowser(here.home)
    const device = ['--profile', 'sso', '--use-device-code', '--no-browser']
    await login(device)
    await login(device)
    expect(here.aws.oidc.clients.size).toBe(1)
    await login(['--profile', 'sso'], env)
    expect(here.aws.oidc.clients.size).toBe(2)
    here.aws.oidc.behavior = { registrationSeconds: 800 }
    await login(device)
    expect(here.aws.oidc.clients.size).toBe(3)
    await login(device)
    expect(here.aws.oidc.clients.size).toBe(4)
    expect(here.aws.oidc.problems).toEqual([])
  })
})

describe('a vanity start URL', () => {
  const configure = (path: string) => {
    const config = here.home.files().get('.aws/config')?.replaceAll(START_URL, `https://login.example.com${path}`)
    here.home.write('.aws/config', `# mine\n${config}`)
  }
  test.each(['/aws', '/get-only'])('%s leads to the portal', async (path) => {
    configure(path)
    const result = await login(['--profile', 'sso', '--use-device-code', '--no-browser'])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain(`Successfully logged into Start URL: https://login.example.com${path}\n`)
    expect(here.aws.oidc.problems).toEqual([])
    expect(read(CORP_FILE)).toMatchObject({ startUrl: `https://login.example.com${path}`, region: 'eu-west-1' })
  })
  test('in another region: sso_region is corrected, and nothing else', async () => {
    configure('/region')
    here.aws.oidc.behavior = { startUrl: 'https://d-1234567890.portal.us-east-2.app.aws' }
    const config = here.home.files().get('.aws/config') ?? ''
    const result = await login(['--profile', 'sso', '--use-device-code', '--no-browser'])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toMatch(/\nSSO region updated to us-east-2\n$/)
    expect(here.aws.oidc.problems).toEqual([])
    expect(here.aws.calls.at(-1)?.host).toBe('oidc.us-east-2.amazonaws.com')
    expect(read(CORP_FILE)).toMatchObject({ region: 'us-east-2' })
    expect(here.home.files().get('.aws/config')).toBe(
      config.replace('[sso-session corp]\nsso_region = eu-west-1', '[sso-session corp]\nsso_region = us-east-2'),
    )
  })
  test.each([
    ['/relative', 'it redirects to https://login.example.com/aws, which is not an AWS host'],
    ['/http', 'it redirects to http://example.awsapps.com/start, which is not an https URL'],
    ['/elsewhere', 'it redirects to https://example.com/start, which is not an AWS host'],
    ['/look-alike', 'it redirects to https://awsapps.com.example.com/start, which is not an AWS host'],
    ['/user', 'it redirects to https://example.awsapps.com/start, which is not an AWS host'],
    ['/not-a-url', 'it redirects to an invalid URL'],
    ['/missing', 'it responded with status 404'],
    ['/stays', 'it redirects to https://login.example.com/stays, which is not an AWS host'],
  ])('%s is rejected', async (path, message) => {
    configure(path)
    const result = await login(['--profile', 'sso', '--no-browser'])
    expect(result).toMatchObject({ code: 253, stdout: '' })
    expect(result.stderr).toContain(`: ${message} (ERR_LOGIN_SETTING)\n`)
    expect(operations()).not.toContain('RegisterClient')
  })
  test.each([
    ['http://example.awsapps.com/start', 'it must use the https scheme'],
    ['example.awsapps.com/start', 'it is not a URL'],
    ['javascript:alert(1)', 'it must use the https scheme'],
  ])('%s is not a start URL', async (url, message) => {
    here.home.write('.aws/config', here.home.files().get('.aws/config')?.replaceAll(START_URL, url) ?? '')
    const result = await login(['--profile', 'sso', '--no-browser'])
    expect(result).toMatchObject({ code: 253, stdout: '', stderr: expect.stringContaining(message) })
  })
})

describe('hostile responses are errors, and nothing is stored', () => {
  const html = { status: 200, type: 'text/html', body: '<html>captive portal</html>' }
  test.each<[string, object]>([
    ['RegisterClient: a page', { responses: { RegisterClient: html } }],
    ['RegisterClient: nothing', { responses: { RegisterClient: { ...html, body: '{}' } } }],
    ['RegisterClient: wrong types', { members: { RegisterClient: { clientId: 5, clientSecret: {} } } }],
    ['RegisterClient: no expiration', { members: { RegisterClient: { clientSecretExpiresAt: 'soon' } } }],
    ['RegisterClient: refused', { responses: { RegisterClient: errorResponse(400, {}, 'InvalidRequestException') } }],
    ['StartDeviceAuthorization: a page', { responses: { StartDeviceAuthorization: html } }],
    ['StartDeviceAuthorization: no code', { members: { StartDeviceAuthorization: { deviceCode: '' } } }],
    [
      'StartDeviceAuthorization: a file',
      { members: { StartDeviceAuthorization: { verificationUri: 'file:///etc/passwd' } } },
    ],
    [
      'StartDeviceAuthorization: a script',
      { members: { StartDeviceAuthorization: { verificationUriComplete: 'javascript:alert(1)' } } },
    ],
    ['CreateToken: a page', { responses: { CreateToken: html } }],
    ['CreateToken: nothing', { responses: { CreateToken: { ...html, body: '{}' } } }],
    ['CreateToken: a number', { members: { CreateToken: { accessToken: 5 } }, pendingPolls: 0 }],
    ['CreateToken: no lifetime', { members: { CreateToken: { expiresIn: null } }, pendingPolls: 0 }],
    ['CreateToken: too large', { responses: { CreateToken: { ...html, body: 'x'.repeat(2 << 20) } } }],
    ['CreateToken: a reset connection', { responses: { CreateToken: 'reset' } }],
  ])('%s', async (_title, behavior) => {
    here.aws.oidc.behavior = behavior
    const result = await login(['--profile', 'legacy'], { BROWSER: '/bin/true', AWS_MAX_ATTEMPTS: '1' })
    expect([254, 255]).toContain(result.code)
    expect(result.stderr).toMatch(/^eks-get-token: .* \(ERR_(LOGIN|SERVICE|NETWORK)\)\n( {2}hint: .*\n)?$/)
    expect(result.stdout).not.toContain('Successfully')
    expect(read(ssoFile(sha1(START_URL)))).toBeNull()
    expectNoSecret(result)
  })

  test('a code and an interval that are not to be believed', async () => {
    here.aws.oidc.behavior = {
      members: { StartDeviceAuthorization: { userCode: `A\u001b[2J\u202e${'y'.repeat(5000)}`, interval: 0.000001 } },
    }
    const result = await login(['--profile', 'legacy'], { BROWSER: '/bin/true' })
    expect(result.code).toBe(0)
    expect(result.stdout).toMatch(/\nA \[2J y{50,70}\n/)
    expect((here.aws.oidc.polls[1] ?? 0) - (here.aws.oidc.polls[0] ?? 0)).toBeGreaterThan(900)
  })

  test('a member with the wrong type is not stored with a good access token', async () => {
    here.aws.oidc.behavior = { pendingPolls: 0, members: { CreateToken: { refreshToken: { a: 1 }, expiresIn: 1e300 } } }
    expect((await login(['--profile', 'legacy'])).code).toBe(0)
    const content = read(ssoFile(sha1(START_URL)))
    expect(content).not.toHaveProperty('refreshToken')
    expect(content?.expiresAt).toMatch(ISO_SECONDS)
  })
})

describe('a login that cannot be stored is an error before anything is requested', () => {
  test.each<[string, (home: typeof here.home) => Record<string, string>]>([
    [
      'a file in place of the directory',
      (home) => {
        home.write('.aws/sso', '')
        return {}
      },
    ],
    [
      'a home directory that does not exist',
      () => ({ HOME: '/proc/nowhere', AWS_CONFIG_FILE: join(here.home.folder, '.aws/config') }),
    ],
    ['no home directory', () => ({ HOME: '', AWS_CONFIG_FILE: join(here.home.folder, '.aws/config') })],
  ])('%s', async (_title, prepare) => {
    const result = await login(['--profile', 'sso'], { BROWSER: '/bin/true', ...prepare(here.home) })
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toMatch(/^eks-get-token: the login cannot be stored.* \(ERR_LOGIN\)\n {2}hint: .*\n$/)
    expect(operations()).toEqual([])
  })

  test('a good login stays where a new one fails', async () => {
    const [file, content] = ssoLogin('corp', 3600)
    here.home.write(file, content)
    here.aws.oidc.behavior = { deny: { error: 'access_denied', description: 'no' } }
    expect((await login(['--profile', 'sso'], createTestBrowser(here.home).env)).code).toBe(255)
    expect(here.home.files().get(file)).toBe(content)
  })
})

describe('settings that are missing', () => {
  test.each<[string, readonly string[], string, string]>([
    ['a session that does not exist', ['--sso-session', 'nix'], '', 'The specified sso-session does not exist: "nix"'],
    [
      'a session without a region',
      ['--sso-session', 'half'],
      '[sso-session half]\nsso_start_url = https://x.awsapps.com/start\n',
      'Missing the following required SSO configuration values: sso_region ([sso-session half])',
    ],
    [
      'a legacy profile without a start URL',
      ['--profile', 'half'],
      '[profile half]\nsso_region = eu-west-1\nsso_account_id = 1\n',
      'Missing the following required SSO configuration values: sso_start_url (profile half)',
    ],
    ['a profile with keys', ['--profile', 'keys'], '', 'profile keys uses static credentials'],
    ['a role on keys', ['--profile', 'role'], '', 'profile keys, the source of profile role, uses static credentials'],
    ['web identity', ['--profile', 'web'], '', 'profile web uses a web identity token'],
    ['a process', ['--profile', 'process'], '', 'profile process uses a credential_process'],
    ['sso login of another profile', ['sso', '--profile', 'keys'], '', 'Missing the following required SSO'],
  ])('%s', async (_title, args, more, message) => {
    here.home.write('.aws/config', `${here.home.files().get('.aws/config')}${more}`)
    const result = await login(args)
    expect(result).toMatchObject({ code: 253, stdout: '', stderr: expect.stringContaining(message) })
    expect(result.stderr).toMatch(/\(ERR_LOGIN_SETTING\)\n {2}hint: .+\n$/)
  })
  test('a word that is not sso', async () => {
    expect(await login(['corp'])).toMatchObject({
      code: 252,
      stderr: expect.stringMatching(/unknown argument for login: corp .*\n {2}hint: did you mean --profile corp\?\n$/),
    })
  })
})

describe('login --status and logout', () => {
  const corp = () => here.home.write(...ssoLogin('corp', 3600))
  test('who is signed in, and until when', async () => {
    corp()
    const [legacyFile, legacy] = ssoLogin(START_URL, -60)
    const { refreshToken: _, ...expired } = JSON.parse(legacy) as Record<string, string>
    here.home.write(legacyFile, JSON.stringify(expired))
    const { stdout, code, stderr } = await login(['--status', '--output', 'json'])
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual([
      {
        kind: 'sso',
        session: 'corp',
        startUrl: START_URL,
        region: 'eu-west-1',
        profiles: ['sso', 'sso2'],
        status: 'valid',
        expires: expect.stringMatching(ISO),
        renewableUntil: expect.stringMatching(ISO),
        file: join(here.home.folder, CORP_FILE),
      },
      expect.objectContaining({ session: null, profiles: ['legacy'], status: 'expired', renewableUntil: null }),
      expect.objectContaining({ kind: 'console', status: 'none', profiles: ['login'], expires: null }),
    ])
    const report = await login(['--status'])
    expect(report.stdout).toMatch(
      /^corp: signed in\n {2}IAM Identity Center, https:\/\/example\.awsapps\.com\/start \(eu-west-1\)\n {2}valid until /,
    )
    expectNoSecret(report)
    expect(operations()).toEqual([])
  })
  test('an expired login with a refresh token is renewable', async () => {
    here.home.write(...ssoLogin('corp', -60))
    const { stdout } = await login(['--status', '--output', 'json', '--query', '[0].status'])
    expect(JSON.parse(stdout)).toBe('renewable')
  })
  test.each([
    ['without its token', { accessToken: undefined }],
    ['with an empty token', { accessToken: '' }],
  ])('a login %s is none', async (_title, member) => {
    const [file, content] = ssoLogin('corp', 3600)
    here.home.write(file, JSON.stringify({ ...JSON.parse(content), ...member }))
    const { stdout } = await login(['--status', '--output', 'json', '--query', '[0].[status, expires]'])
    expect(JSON.parse(stdout)).toEqual(['none', null])
  })

  const ssoEntry = JSON.stringify({ ProviderType: 'sso', Credentials: {} })
  const roleEntry = JSON.stringify({ Credentials: {} })
  const prepare = () => {
    corp()
    here.home.write(...ssoLogin(START_URL, 3600, { accessToken: 'LEGACYACCESSTOKEN' }))
    here.home.write(
      '.aws/sso/cache/registration.json',
      '{"clientId":"c","clientSecret":"s","expiresAt":"2100-01-01T00:00:00Z"}',
    )
    here.home.write('.aws/cli/cache/a.json', ssoEntry)
    here.home.write('.aws/cli/cache/b.json', roleEntry)
    here.home.write(`${ssoFile(sha1('other'))}.0123456789.tmp`, 'left by a process that was killed')
  }
  const logins = () => [...here.home.files().keys()].filter((file) => /\/cache\/.*(json|tmp)$/.test(file)).sort()

  test('logout removes the login of the profile, and the credentials of SSO roles', async () => {
    prepare()
    const result = await runLogin(here.home, ['logout', '--profile', 'sso'])
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(logins()).toEqual(['.aws/cli/cache/b.json', ssoFile(sha1(START_URL)), ssoFile('registration')].sort())
    expect(here.aws.calls.map(({ op, bearer, host }) => [op, bearer, host])).toEqual([
      ['Logout', 'BEARERTOKENEXAMPLE', 'portal.sso.eu-west-1.amazonaws.com'],
    ])
  })
  test.each([
    ['sso', 'logout'],
    ['logout', '--all'],
  ])('%s %s removes every login', async (...args) => {
    prepare()
    const result = await runLogin(here.home, args)
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(logins()).toEqual(['.aws/cli/cache/b.json', ssoFile('registration')])
    expect(here.aws.calls.map(({ bearer }) => bearer).sort()).toEqual(['BEARERTOKENEXAMPLE', 'LEGACYACCESSTOKEN'])
  })
  test('at a terminal logout confirms, and sso logout prints nothing', skipUnlessAvailable(noScript), async () => {
    const onScreen = async (...args: string[]) => {
      const { env, folder } = here.home
      return (await onTerminal([...eksGetToken(), ...args], { env, cwd: folder })).screen
    }
    prepare()
    expect(await onScreen('sso', 'logout')).toBe('')
    prepare()
    expect(await onScreen('logout', '--profile', 'sso')).toBe(`Signed out of ${START_URL}.\n`)
    expect(await onScreen('logout', '--profile', 'sso')).toBe(`No login was stored for ${START_URL}.\n`)
    expect(await onScreen('logout', '--all')).toBe('Signed out of all logins. No login is stored on this machine.\n')
  })
  test.each(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'])(
    'logout --all ignores a profile of %s that does not exist',
    async (name) => {
      prepare()
      const result = await runLogin(here.home, ['logout', '--all'], { [name]: 'zebra-7' })
      expect([result.code, result.stdout, result.stderr]).toEqual([0, '', ''])
      expect(logins()).toEqual(['.aws/cli/cache/b.json', ssoFile('registration')])
    },
  )
  test.each([
    ['similar to another', ['logout', '--profile', 'ssso'], {}, 'did you mean sso? Correct --profile'],
    ['of the environment', ['logout'], { AWS_PROFILE: 'ssso' }, 'did you mean sso? Correct AWS_PROFILE'],
    [
      'similar to none',
      ['sso', 'logout', '--profile', 'zebra-7'],
      {},
      "correct --profile: 'eks-get-token login --status' lists the logins",
    ],
    ['for all logins', ['logout', '--all', '--profile', 'ssso'], {}, 'did you mean sso? Correct --profile'],
    ['of a session', ['logout', '--profile', 'corp'], {}, 'set --profile to a profile of this session: sso'],
  ])('a profile that does not exist, %s, is an error, and no login is removed', async (_, args, env, hint) => {
    prepare()
    const before = logins()
    const result = await runLogin(here.home, args, env)
    expect([result.code, result.stdout, logins()]).toEqual([255, '', before])
    expect(result.stderr).toMatch(
      /^eks-get-token: The config profile \(\S+\) could not be found; it is set by .*\(ERR_PROFILE\)\n/,
    )
    expect(result.stderr).toContain(`  hint: ${hint}`)
  })
  test('sso login of a profile without one names the others', async () => {
    const result = await runLogin(here.home, ['sso', 'login', '--profile', 'keys'])
    expect([result.code, result.stderr]).toEqual([
      253,
      expect.stringMatching(
        /sso_start_url, sso_region \(profile keys\) \(ERR_LOGIN_SETTING\)\n {2}hint: use --profile \S.* or --sso-session corp, or add sso_start_url and sso_region to profile keys in /,
      ),
    ])
    const near = await runLogin(here.home, ['sso', 'login', '--profile', 'ssoo'])
    expect([near.code, near.stderr]).toEqual([253, expect.stringContaining('  hint: did you mean --profile sso?\n')])
  })
  test('a portal that cannot be reached makes no difference', async () => {
    prepare()
    const result = await runLogin(here.home, ['sso', 'logout'], { HTTPS_PROXY: 'http://127.0.0.1:9' })
    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(logins()).toEqual(['.aws/cli/cache/b.json', ssoFile('registration')])
  })
  test('after it get-token needs a new login', async () => {
    corp()
    expect((await here.home.run(['--profile', 'sso'])).code).toBe(0)
    expect((await runLogin(here.home, ['logout', '--profile', 'sso'])).code).toBe(0)
    const result = await here.home.run(['--profile', 'sso'])
    expect(result).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('hint: run: eks-get-token login --profile sso'),
    })
  })
})

const ISO_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/

const ROLE_ON_SSO = `[profile on-sso]
role_arn = arn:aws:iam::123456789012:role/on-sso
source_profile = sso
`

function errorResponse(status: number, value: object, type: string) {
  return { status, type: 'application/json', body: JSON.stringify(value), headers: { 'x-amzn-errortype': type } }
}
