import { createRandom, type Random } from '../chaos/random.ts'

/** The input of one run. */
export interface RandomSettings {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Content by path, relative to the home directory. */
  readonly files: Readonly<Record<string, Uint8Array>>
}

/** What a run looks for in the caches: a generator can only fill in what it knows to be read. */
export type CacheKind = 'aws-cli' | 'sso' | 'login' | 'role'

/** Random numbers, and how much of what they choose is odd: else every run would end with the first of many errors. */
interface Dice extends Random {
  readonly oddness: number
}

/** The usual values of a setting, and the others. */
interface Values {
  readonly usual: readonly string[]
  readonly odd: readonly string[]
}

const KEY_IDS = ['AKIDEXAMPLE', 'ASIAEXAMPLE', 'AKIDOTHEREXAMPLE']
const PROFILES = ['default', 'dev', 'prod', 'a.b', 'my profile', 'ü', "o'brien", 'DEFAULT', 'corp', 'x]y', 'profile']
const REGIONS: Values = {
  usual: ['us-west-2', 'us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1', 'us-iso-east-1', 'eusc-de-east-1'],
  odd: [
    ...['ap-southeast-7', 'aws-global', 'US-WEST-2', 'us_west_2', '', ' us-west-2', 'mars-1', 'us-west-2.example.com'],
    ...['fips-us-west-2', 'us-west-2-fips', 'x'.repeat(70), 'a/b', 'us-west-2\n', 'é', 'xx-yy-1', '-', 'eu-west-1\t'],
  ],
}
const BOOLEANS: Values = { usual: ['true', 'false'], odd: ['True', 'TRUE', '1', '0', 'yes', '', ' true', 'on'] }
const NUMBERS: Values = {
  usual: ['1', '3', '5'],
  odd: ['0', '-1', ' 5 ', '1_000', '١', '1.5', '', 'abc', '1e3', '99999999999999999999', '+2', '0x10'],
}
const ROLES: Values = {
  usual: ['arn:aws:iam::111122223333:role/dev', 'arn:aws:iam::111122223333:role/path/admin'],
  odd: ['arn:aws-cn:iam::111122223333:role/dev', 'short', '', 'é'.repeat(20)],
}
const URLS: Values = {
  usual: ['https://sts.example.com', 'http://localhost:1', 'https://sts.us-west-2.amazonaws.com/'],
  odd: [
    ...[
      'https://a.example:8443/x',
      'sts.example.com',
      'https://',
      '',
      'ftp://x',
      'https://user:pw@example.com',
      'HTTPS://X.Y',
    ],
    ...[
      'https://[::1]:9',
      'https://ex ample.com',
      'https://EXAMPLE.com/Path?query=1',
      'https://example.com#x',
      'https://exämple.com',
    ],
  ],
}
const OUTPUTS: Values = { usual: ['json', 'text'], odd: ['yaml', 'table', 'yaml-stream', 'JSON', '', 'xml'] }
/** Text that parsers treat in special ways. */
const ODD = [
  ...[
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\x1c',
    '\x85',
    '\x0b',
    '\f',
    '\t',
    '\r',
    '"',
    "'",
    '\\',
    '%',
    '$',
    '~',
    '#',
    ';',
    '=',
    ':',
  ],
  ...[
    '[',
    ']',
    '\x1b[31m',
    '\u202e',
    '😀',
    'é',
    '日本',
    '\x7f',
    '%(x)s',
    '$\x7bHOME}',
    '$HOME',
    '\u3000',
    '\x00',
    ',',
    '{',
    '}',
  ],
]

/** Text, and of all else only what a process can be started with: well-formed, and without NUL. */
const clean = (text: string): string => Buffer.from(text).toString().replaceAll('\0', '')

/** The settings number `index` of a seed, always the same. */
export function randomSettings(seed: number, index: number): RandomSettings {
  const numbers = createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
  const random: Dice = { ...numbers, oddness: numbers.pick([0.01, 0.01, 0.05, 0.1, 0.4]) }
  const profiles = random.shuffle(PROFILES).slice(0, random.integer(4) + 1)
  const files: Record<string, Uint8Array> = {}
  const env: Record<string, string> = {}
  if (chance(random, 0.75)) files['.aws/config'] = bytes(random, configFile(random, profiles))
  if (chance(random, 0.5)) files['.aws/credentials'] = bytes(random, credentialsFile(random, profiles))
  if (chance(random, 0.05)) files['.boto'] = bytes(random, `[Credentials]\n${staticKeys(random).join('\n')}\n`)
  if (chance(random, 0.3)) files.token = new TextEncoder().encode('web-identity-token')
  addEnvironment(random, env, profiles)
  const args = commandLine(random, profiles)
  return { args: args.map(clean), env: Object.fromEntries(Object.entries(env).map(([k, v]) => [k, clean(v)])), files }
}

/** The content of a cache file that a run has looked for; undefined: it stays missing. */
export function cacheContent(seed: number, index: number, kind: CacheKind, round: number): Uint8Array | undefined {
  const random = createRandom(Math.imul(seed, 0x27d4eb2f) ^ Math.imul(index + 1, 0x165667b1) ^ (round + 1))
  if (chance(random, 0.12)) return undefined
  const minutes = random.pick([120, 120, 120, 60, 30, 16, 14, 4, -5, 600_000])
  const time = timestamp(random, Date.now() + minutes * 60_000 + random.integer(50_000))
  const keyId = random.pick([...KEY_IDS, 'ASIACACHED', 'ASIACACHED', ' ', 'ASIA\x1b'])
  const keys = { accessKeyId: keyId, secretAccessKey: `secret-of-${keyId}`, sessionToken: sessionToken(random) }
  const content: Record<string, unknown> =
    kind === 'sso'
      ? {
          accessToken: 'token-of-sso',
          expiresAt: time,
          startUrl: 'https://example.awsapps.com/start',
          region: 'us-east-1',
        }
      : kind === 'login'
        ? {
            accessToken: { ...keys, expiresAt: time, accountId: '111122223333' },
            refreshToken: 'refresh',
            clientId: 'client',
            dpopKey: 'key',
          }
        : {
            Credentials: {
              AccessKeyId: keys.accessKeyId,
              SecretAccessKey: keys.secretAccessKey,
              SessionToken: keys.sessionToken,
              Expiration: time,
            },
            AssumedRoleUser: { Arn: 'arn:aws:sts::111122223333:assumed-role/dev/x', AssumedRoleId: 'AROA:x' },
            ...(kind === 'role' ? { RoleArn: ROLES.usual[0] } : {}),
          }
  if (chance(random, 0.1)) removeMember(random, content)
  const text = JSON.stringify(content, null, random.pick([0, 0, 2]))
  return bytes(random, chance(random, 0.12) ? mutated(random, text) : text, 0.02)
}

function chance(random: Random, probability: number): boolean {
  return random.next() < probability
}

/** A chance that grows with the oddness, and is twice the probability at most. */
function rarely(dice: Dice, probability: number): boolean {
  return chance(dice, probability * dice.oddness * 5)
}

function value(dice: Dice, { usual, odd }: Values): string {
  return dice.pick(chance(dice, dice.oddness) ? odd : usual)
}

function values(usual: readonly string[], ...odd: readonly string[]): Values {
  return { usual, odd: odd.length > 0 ? odd : usual }
}

function removeMember(random: Random, content: Record<string, unknown>): void {
  const key = random.pick(Object.keys(content))
  const member = content[key]
  if (typeof member === 'object' && member !== null && chance(random, 0.7)) {
    removeMember(random, member as Record<string, unknown>)
  } else if (chance(random, 0.5)) delete content[key]
  else content[key] = random.pick<unknown>([null, '', 1, [], {}, true, 'é', '\x1b[2J'])
}

/** Around the forms that programs write. */
function timestamp(random: Random, ms: number): string {
  const iso = new Date(ms).toISOString()
  const seconds = iso.slice(0, 19)
  return random.pick([
    ...[`${seconds}Z`, `${seconds}Z`, `${seconds}UTC`, `${seconds}+00:00`, iso, `${seconds}.123456+00:00`, seconds],
    ...[`${seconds.replace('T', ' ')}Z`, `${seconds}+0000`, `${seconds}-07:30`, String(ms), '2025-02-30T00:00:00Z', ''],
  ])
}

function sessionToken(random: Random): string {
  return random.pick(['session-token', 'a/b+c==', '', 'x'.repeat(random.integer(3500)), ' ', 'é', 'two words'])
}

function staticKeys(random: Dice): string[] {
  const keyId = random.pick(KEY_IDS)
  const lines = [`aws_access_key_id = ${keyId}`, `aws_secret_access_key = secret-of-${keyId}`]
  if (chance(random, 0.3)) lines.push(`aws_session_token = ${sessionToken(random)}`)
  if (rarely(random, 0.05)) lines.push(`aws_security_token = ${sessionToken(random)}`)
  if (rarely(random, 0.08)) lines.splice(random.integer(lines.length), 1)
  return lines
}

function profileLines(random: Dice, profiles: readonly string[]): string[] {
  const kind = random.pick([
    'static',
    'static',
    'role',
    'role',
    'sso',
    'legacy sso',
    'login',
    'process',
    'web',
    'empty',
  ])
  const role = `role_arn = ${value(random, ROLES)}`
  switch (kind) {
    case 'static':
      return staticKeys(random)
    case 'role':
      return [
        role,
        ...(chance(random, 0.7) ? [`source_profile = ${random.pick(profiles)}`] : []),
        ...(chance(random, 0.2)
          ? [`credential_source = ${random.pick(['Environment', 'Ec2InstanceMetadata', 'x'])}`]
          : []),
        ...(chance(random, 0.2) ? [`role_session_name = ${random.pick(['me', 'é', ''])}`] : []),
        ...(chance(random, 0.2) ? [`duration_seconds = ${value(random, NUMBERS)}`] : []),
        ...(chance(random, 0.2) ? [`external_id = ${random.pick(['x', '', 'a b'])}`] : []),
        ...(chance(random, 0.1) ? ['mfa_serial = arn:aws:iam::111122223333:mfa/me'] : []),
        ...(chance(random, 0.3) ? staticKeys(random) : []),
      ]
    case 'sso':
      return [
        'sso_session = corp',
        'sso_account_id = 111122223333',
        `sso_role_name = ${random.pick(['Admin', 'é', ''])}`,
      ]
    case 'legacy sso':
      return [
        'sso_start_url = https://example.awsapps.com/start',
        'sso_region = us-east-1',
        'sso_account_id = 111122223333',
        ...(rarely(random, 0.1) ? [] : ['sso_role_name = Admin']),
      ]
    case 'login':
      return ['login_session = arn:aws:iam::111122223333:user/me']
    case 'process':
      return [`credential_process = ${random.pick(['/bin/false', 'sh -c "echo', ''])}`]
    case 'web':
      return [role, `web_identity_token_file = ${random.pick(['~/token', 'missing', ''])}`]
    default:
      return []
  }
}

function settingLines(random: Dice): string[] {
  const lines: string[] = []
  if (chance(random, 0.6)) lines.push(`region = ${value(random, REGIONS)}`)
  const more: readonly (readonly [key: string, values: Values])[] = [
    ['output', OUTPUTS],
    ['use_fips_endpoint', BOOLEANS],
    ['use_dualstack_endpoint', BOOLEANS],
    ['ignore_configured_endpoint_urls', BOOLEANS],
    ['parameter_validation', BOOLEANS],
    ['endpoint_url', URLS],
    ['services', values(['main'], 'missing', '')],
    ['max_attempts', NUMBERS],
    ['retry_mode', values(['standard', 'adaptive'], 'legacy', '')],
    ['sts_regional_endpoints', values(['regional', 'legacy'])],
    ['cli_timestamp_format', values(['iso8601'])],
    ['ec2_metadata_service_endpoint_mode', values(['ipv4'], 'IPv6', 'x')],
    ['metadata_service_timeout', NUMBERS],
    ['request_checksum_calculation', values(['when_supported'], 'x')],
    ['account_id_endpoint_mode', values(['preferred'], 'x')],
    ['ca_bundle', values(['/ca.pem'], '')],
    ['sso_session', values(['corp'], 'missing')],
  ]
  for (const [key, pool] of more) if (rarely(random, 0.04)) lines.push(`${key} = ${value(random, pool)}`)
  if (rarely(random, 0.05))
    lines.push('s3 =', '  max_concurrent_requests = 20', '  # comment', '  addressing_style = path')
  return lines
}

function heading(random: Dice, name: string, isConfig: boolean): string {
  if (!isConfig) return rarely(random, 0.05) ? `[profile ${name}]` : `[${name}]`
  if (name === 'default' && chance(random, 0.8)) return '[default]'
  const quoted = name.includes(' ') || chance(random, 0.1) ? random.pick([`"${name}"`, `'${name}'`]) : name
  return rarely(random, 0.05)
    ? random.pick([
        `[profile  ${quoted}]`,
        `[ profile ${quoted} ]`,
        `[profile\t${quoted}]`,
        `[${name}]`,
        `[profile ${name}`,
      ])
    : `[profile ${quoted}]`
}

function configFile(random: Dice, profiles: readonly string[]): string {
  const sections = profiles.map((name) => [
    heading(random, name, true),
    ...(chance(random, 0.75) ? profileLines(random, profiles) : []),
    ...settingLines(random),
  ])
  if (chance(random, 0.6)) {
    sections.push([
      '[sso-session corp]',
      'sso_start_url = https://example.awsapps.com/start',
      ...(rarely(random, 0.1) ? [] : ['sso_region = us-east-1']),
    ])
  }
  if (chance(random, 0.15)) sections.push(['[services main]', 'sts =', `  endpoint_url = ${value(random, URLS)}`])
  if (rarely(random, 0.05)) sections.push(random.pick(sections))
  return layout(random, random.shuffle(sections))
}

function credentialsFile(random: Dice, profiles: readonly string[]): string {
  const sections = profiles
    .filter(() => chance(random, 0.7))
    .map((name) => [
      heading(random, name, false),
      ...staticKeys(random),
      ...(chance(random, 0.1) ? settingLines(random) : []),
    ])
  return layout(random, sections)
}

/** How editors and people write it: separators, comments, blank lines, line ends, a byte order mark; sometimes broken. */
function layout(random: Dice, sections: readonly string[][]): string {
  const separator = random.pick([' = ', ' = ', '=', ' =', '= ', ': ', ' : ', '\t=\t'])
  const lines = sections.flatMap((section) => [...section, ...(chance(random, 0.7) ? [''] : [])])
  const written = lines.flatMap((line) => {
    let text = line.startsWith('[') ? line : line.replace(' = ', separator)
    if (rarely(random, 0.02)) text += random.pick([' # comment', ' ; comment', '  ', '\t', ' ;', '\u00a0'])
    if (rarely(random, 0.01)) text = ` ${text}`
    if (rarely(random, 0.01)) text = text.toUpperCase()
    if (rarely(random, 0.01)) return [text, `  ${random.pick(['continued', 'a = b', '# comment', ''])}`]
    if (rarely(random, 0.02))
      return [random.pick(['# comment', '; comment', '', '   ', '#', '\t# x', 'rem x', 'garbage']), text]
    return rarely(random, 0.01) ? [text, text] : [text]
  })
  const end = rarely(random, 0.1) ? random.pick(['\r\n', '\r', '\x0b\n', '\x85']) : '\n'
  let text = `${rarely(random, 0.02) ? '\ufeff' : ''}${written.join(end)}${chance(random, 0.9) ? end : ''}`
  if (rarely(random, 0.15)) text = mutated(random, text)
  return text
}

/** A few small changes at random places. */
function mutated(random: Random, text: string): string {
  let result = text
  for (let left = random.integer(3) + 1; left > 0; left--) {
    const at = random.integer(result.length + 1)
    const [before, after] = [result.slice(0, at), result.slice(at)]
    result = random.pick([
      () => before + random.pick(ODD) + after,
      () => before + random.pick(ODD) + after,
      () => before + after.slice(random.integer(6) + 1),
      () => `${before}\n${after}`,
      () => before + after.slice(0, random.integer(20)) + after,
      () => before + after.replace(/\w/, (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x20)),
    ])()
  }
  return result
}

/** UTF-8, with a small chance of bytes that are not. */
function bytes(random: Random, text: string, probability = 0.01): Uint8Array {
  const encoded = new TextEncoder().encode(text)
  if (chance(random, probability) && encoded.length > 0)
    encoded[random.integer(encoded.length)] = 0x80 + random.integer(128)
  return chance(random, 0.003) ? new Uint8Array(Buffer.from(text, 'utf16le')) : encoded
}

function addEnvironment(random: Dice, env: Record<string, string>, profiles: readonly string[]): void {
  if (chance(random, 0.45)) {
    const keyId = value(random, values(KEY_IDS, '', ' ', 'AKID EXAMPLE', 'é'))
    env.AWS_ACCESS_KEY_ID = keyId
    if (!rarely(random, 0.05)) env.AWS_SECRET_ACCESS_KEY = value(random, values([`secret-of-${keyId}`], '', ' ', 'é'))
    if (chance(random, 0.3)) env.AWS_SESSION_TOKEN = sessionToken(random)
    if (chance(random, 0.05)) env.AWS_SECURITY_TOKEN = sessionToken(random)
    if (chance(random, 0.1)) env.AWS_CREDENTIAL_EXPIRATION = timestamp(random, Date.now() + random.integer(7_200_000))
  }
  const variables: readonly (readonly [name: string, probability: number, values: Values])[] = [
    ['AWS_PROFILE', 0.25, values([...profiles], '', 'missing', 'de')],
    ['AWS_DEFAULT_PROFILE', 0.08, values([...profiles], '')],
    ['AWS_REGION', 0.3, REGIONS],
    ['AWS_DEFAULT_REGION', 0.3, REGIONS],
    ['AWS_DEFAULT_OUTPUT', 0.06, OUTPUTS],
    [
      'AWS_CONFIG_FILE',
      0.05,
      values(['~/.aws/config', '$HOME/.aws/config'], 'missing', '', '.aws/credentials', '~', '/dev/null', '$\x7bX'),
    ],
    [
      'AWS_SHARED_CREDENTIALS_FILE',
      0.05,
      values(['~/.aws/credentials'], '~/.aws/config', 'missing', '', '.', '~root/x'),
    ],
    ['AWS_ENDPOINT_URL', 0.04, URLS],
    ['AWS_ENDPOINT_URL_STS', 0.04, URLS],
    ['AWS_USE_FIPS_ENDPOINT', 0.05, BOOLEANS],
    ['AWS_USE_DUALSTACK_ENDPOINT', 0.05, BOOLEANS],
    ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 0.03, BOOLEANS],
    ['AWS_STS_REGIONAL_ENDPOINTS', 0.03, values(['legacy', 'regional'], 'x')],
    ['AWS_MAX_ATTEMPTS', 0.03, NUMBERS],
    ['AWS_RETRY_MODE', 0.03, values(['standard', 'adaptive'], 'legacy', '')],
    ['AWS_METADATA_SERVICE_TIMEOUT', 0.02, NUMBERS],
    ['AWS_METADATA_SERVICE_NUM_ATTEMPTS', 0.02, NUMBERS],
    ['AWS_EC2_METADATA_SERVICE_ENDPOINT', 0.02, URLS],
    ['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE', 0.02, values(['ipv4'], 'IPV6', 'x', '')],
    ['AWS_REQUEST_CHECKSUM_CALCULATION', 0.02, values(['when_required'], 'x')],
    ['AWS_ACCOUNT_ID_ENDPOINT_MODE', 0.02, values(['required'], 'x')],
    ['AWS_CA_BUNDLE', 0.03, values(['/missing.pem'], '')],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', 0.04, values(['~/token', 'token'], 'missing', '')],
    ['AWS_ROLE_ARN', 0.05, ROLES],
    ['AWS_ROLE_SESSION_NAME', 0.03, values(['me'], '')],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 0.02, URLS],
    ['AWS_LOGIN_CACHE_DIRECTORY', 0.02, values(['~/logins'], '', 'relative')],
    ['AWS_CREDENTIAL_FILE', 0.02, values(['.aws/credentials'], 'missing')],
    ['BOTO_CONFIG', 0.02, values(['~/.boto'], 'missing')],
    ['XDG_CACHE_HOME', 0.03, values(['/nonexistent'], 'relative', '')],
    ['EKS_GET_TOKEN_TIMEOUT', 0.03, NUMBERS],
    ['EKS_GET_TOKEN_NO_CACHE', 0.03, BOOLEANS],
    ['EKS_GET_TOKEN_LOGIN', 0.02, values(['never'], 'auto', 'x', '')],
    ['KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID', 0.02, values(['demo'], '')],
    ['LANG', 0.05, values(['de_DE.UTF-8', 'C', 'tr_TR.UTF-8'])],
    ['TZ', 0.05, values(['America/New_York', 'Asia/Kolkata'], 'x')],
    ['NO_COLOR', 0.02, values(['1'], '')],
  ]
  for (const [name, probability, pool] of variables) if (chance(random, probability)) env[name] = value(random, pool)
  if (chance(random, 0.4)) env.KUBERNETES_EXEC_INFO = execInfo(random)
  if (rarely(random, 0.02))
    env[random.pick(['AWS_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID'])] = mutated(random, 'us-west-2')
}

function execInfo(random: Dice): string {
  const version = value(random, values(['v1', 'v1beta1'], 'v1alpha1', 'v2', ''))
  const cluster = chance(random, 0.4) && {
    server: value(
      random,
      values(
        ['https://abc.gr7.us-west-2.eks.amazonaws.com', 'https://ABC.gr7.us-west-2.eks.amazonaws.com'],
        'x',
        ...URLS.odd,
      ),
    ),
    'certificate-authority-data': 'Zm9v',
    config: random.pick<unknown>([
      undefined,
      {},
      { clusterName: 'ext', region: 'eu-west-1' },
      { roleArn: ROLES.usual[0] },
      ...(rarely(random, 0.3) ? ['x', null, { region: 1 }] : []),
    ]),
  }
  const info = {
    kind: 'ExecCredential',
    apiVersion: `client.authentication.k8s.io/${version}`,
    spec: { interactive: random.pick([true, false]), ...(cluster ? { cluster } : {}) },
  }
  const text = JSON.stringify(info)
  if (!rarely(random, 0.3)) return text
  return random.pick([
    '',
    ' ',
    '{',
    '[]',
    'null',
    '1',
    'NaN',
    '{"a":1e999}',
    '\ufeff{}',
    `[${text}]`,
    mutated(random, text),
  ])
}

function commandLine(random: Dice, profiles: readonly string[]): string[] {
  const args: string[] = chance(random, 0.25) ? ['eks', 'get-token'] : chance(random, 0.05) ? ['get-token'] : []
  const options: readonly (readonly [name: string, probability: number, values: Values])[] = [
    [
      '--cluster-name',
      0.98,
      values(['demo', 'my-cluster_1'], 'é', '', ' ', 'a  b', 'file://token', 'file://missing', 'x'.repeat(200)),
    ],
    ['--cluster-id', 0.03, values(['id'], '')],
    ['--region', 0.5, REGIONS],
    ['--profile', 0.25, values([...profiles], '', 'missing')],
    ['--role-arn', 0.15, ROLES],
    ['--output', 0.15, OUTPUTS],
    [
      '--query',
      0.06,
      values(
        ['status.token', 'kind', '@', 'status.[token]'],
        'x',
        '[',
        'length(kind)',
        '*',
        'status | keys(@)',
        '`"é"`',
      ),
    ],
    ['--external-id', 0.02, values(['x'])],
    ['--role-session-name', 0.03, values(['me'], '')],
    ['--duration-seconds', 0.03, NUMBERS],
    ['--mfa-serial', 0.01, values(['arn:aws:iam::111122223333:mfa/me'])],
    ['--endpoint-url', 0.02, URLS],
    ['--color', 0.02, values(['on', 'off'], 'x')],
    ['--cli-read-timeout', 0.02, NUMBERS],
    ['--cli-connect-timeout', 0.02, NUMBERS],
    ['--cli-binary-format', 0.01, values(['base64'], 'x')],
    ['--cli-error-format', 0.01, values(['json'], 'x')],
    ['--timeout', 0.03, NUMBERS],
    ['--ca-bundle', 0.01, values(['/x'])],
    ['--login', 0.02, values(['never'], 'auto', 'x')],
    ['--unknown', 0.003, values(['x'])],
    ['--cluster', 0.003, values(['x'])],
  ]
  const words = options
    .filter(([, probability]) => chance(random, probability))
    .map(([name, , pool]) => {
      const written = rarely(random, 0.06) ? name.slice(0, 3 + random.integer(name.length - 2)) : name
      const word = value(random, pool)
      if (rarely(random, 0.02)) return [written]
      return chance(random, 0.15) ? [`${written}=${word}`] : [written, word]
    })
  for (const [flag, probability] of [
    ['--debug', 0.1],
    ['--no-sign-request', 0.05],
    ['--no-cache', 0.03],
    ['--no-verify-ssl', 0.02],
    ['--no-paginate', 0.02],
    ['--no-cli-pager', 0.02],
    ['--no-cli-auto-prompt', 0.01],
    ['--version', 0.01],
    ['--help', 0.005],
    ['-h', 0.002],
    ['--', 0.01],
    ['word', 0.01],
    ['', 0.005],
  ] as const)
    if (rarely(random, probability)) words.push([flag])
  args.push(...random.shuffle(words).flat())
  if (rarely(random, 0.03))
    args.splice(
      random.integer(args.length + 1),
      0,
      random.pick(['-', '--x', 'eks', '=', '\n', '--=x', 'é', '-é', ...ODD]),
    )
  if (rarely(random, 0.02) && args.length > 0) {
    const at = random.integer(args.length)
    args[at] = mutated(random, args[at] ?? '')
  }
  return args
}
