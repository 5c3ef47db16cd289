import type { Expectation, Files } from './case.ts'
import type { Observation } from './observation.ts'

/** What a case says about all of its runs. */
export interface Terms {
  warns: boolean
  shortCredentials: number | undefined
}

/** Every difference as a line; none means that the run was right. */
export function differences(expected: Expectation, observed: Observation, terms: Terms): string[] {
  const { exit, apiVersion, url, rawUrlShape, calls } = expected
  return [
    ...notIn(withoutUndefined({ exit, apiVersion, url, rawUrlShape, calls }), observed, ''),
    ...(exit === 0 ? onSuccess(expected, observed, terms) : onFailure(observed)),
    ...(expected.filesAfter === undefined ? [] : cacheFiles(expected.filesAfter, observed.filesAfter)),
    ...secrets(observed),
  ]
}

/** Everything that is expected has to be there; what else is there does not matter, but for the length of lists. */
function notIn(expected: unknown, observed: unknown, path: string): string[] {
  if (typeof expected !== 'object' || expected === null) {
    return expected === observed ? [] : [`${path}: expected ${show(expected)}, got ${show(observed)}`]
  }
  if (Array.isArray(expected) && (!Array.isArray(observed) || observed.length !== expected.length)) {
    return [`${path}: expected ${expected.length} items, got ${show(observed)}`]
  }
  const found = typeof observed === 'object' && observed !== null ? new Map(Object.entries(observed)) : new Map()
  return Object.entries(expected).flatMap(([name, value]) => notIn(value, found.get(name), `${path}.${name}`))
}

function onSuccess(expected: Expectation, observed: Observation, { warns, shortCredentials }: Terms): string[] {
  const { stdout, stderr } = observed
  const found: string[] = []
  // The AWS CLI's own warnings are the only ones; where none was recorded for this case, ours to give.
  const silent = !warns && expected.stderr?.trim() === ''
  if (silent && stderr.trim() !== '') found.push(`stderr on success: ${show(stderr)}`)
  if (expected.stderr?.startsWith('Error parsing') && stderr.trim() === '') found.push('no warning on stderr')
  if (expected.stdout && expected.stdout !== stdout) {
    found.push(`stdout: expected ${show(expected.stdout)}, got ${show(stdout)}`)
  }
  if (observed.writtenAsTheAwsCliDoes === false) found.push('the URL has another order of parameters or encoding')
  return [...found, ...expiry(observed, shortCredentials)]
}

function onFailure({ stdout, stderr }: Observation): string[] {
  const found: string[] = []
  if (stdout.trim() !== '') found.push(`stdout on failure: ${show(stdout)}`)
  if (stderr.trim() === '') found.push('a failure without a reason on stderr')
  if (/\n\s+at .+:\d+:\d+/.test(stderr)) found.push(`a stack trace reached the user: ${show(stderr)}`)
  return found
}

const TOKEN_LIFE_SECONDS = 14 * 60

/** 14 minutes after the program read the clock, or when the credentials end if that is earlier. */
function expiry({ expirationTimestamp, startedAt, seconds }: Observation, shortCredentials = Infinity): string[] {
  if (expirationTimestamp === undefined) return []
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(expirationTimestamp)) {
    return [`expirationTimestamp is ${expirationTimestamp}, not YYYY-MM-DDTHH:MM:SSZ`]
  }
  const left = (Date.parse(expirationTimestamp) - startedAt) / 1000
  const expected = Math.min(TOKEN_LIFE_SECONDS, shortCredentials)
  // Whole seconds are printed, and credentials may have been written down a moment before the program started.
  const toleranceSeconds = 2
  const wrong = left < expected - toleranceSeconds || left > expected + seconds + toleranceSeconds
  return wrong ? [`expires in ${left.toFixed()} s, expected ${expected} s`] : []
}

/** The AWS CLI's cache files: the same names, modes and credentials, and nothing left over beside them. */
function cacheFiles(expected: Files, observed: Files): string[] {
  const found = Object.entries(expected).flatMap(([name, file]) => {
    const wanted = parsed(file.content)
    if (!CACHED.test(name) || wanted === undefined) return []
    const there = observed[name]
    const content = parsed(there?.content)
    if (there === undefined || content === undefined) return [`${name}: ${there ? 'not JSON' : 'missing'}`]
    const mode = there.mode === file.mode ? [] : [`${name}: mode ${there.mode}, expected ${file.mode}`]
    return [...mode, ...cachedSecrets(wanted, content).map((difference) => `${name}: ${difference}`)]
  })
  const leftOver = Object.keys(observed).filter((name) => CACHED.test(name) && !(name in expected))
  return [...found, ...leftOver.map((name) => `left over: ${name}`)]
}

const CACHED = /^\.aws\/(cli|sso|login)\/cache\/[^/]/

interface CacheFile {
  Credentials?: Record<string, unknown>
  accessToken?: unknown
}

function cachedSecrets(expected: CacheFile, observed: CacheFile): string[] {
  const found = ['AccessKeyId', 'SecretAccessKey', 'SessionToken']
    .filter((key) => expected.Credentials?.[key] !== observed.Credentials?.[key])
    .map((key) => `another ${key}`)
  const expiration = String(observed.Credentials?.Expiration)
  // The three ways in which versions of the AWS CLI have written UTC.
  if (expected.Credentials && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|UTC|[+-]\d\d:\d\d)$/.test(expiration)) {
    found.push(`Expiration ${expiration}`)
  }
  if (expected.accessToken !== observed.accessToken) found.push('another access token')
  return found
}

function parsed(content = ''): CacheFile | undefined {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/** Session tokens, access tokens, refresh tokens, client secrets and signatures as the cases and the local AWS have them. */
const SECRET_ON_STDERR = /TOKEN\/|access-token|refresh-\d|csecret|X-Amz-Signature=|<TOKEN>/

function secrets({ stdout, stderr }: Observation): string[] {
  const found: string[] = []
  if (/secret-of-/.test(stdout + stderr)) found.push('a secret key reached stdout or stderr')
  if (SECRET_ON_STDERR.test(stderr)) found.push(`a secret reached stderr: ${show(stderr)}`)
  return found
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 400)
}
