import { inLanes } from '../chaos/lab.ts'
import { createRandom } from '../chaos/random.ts'
import type { Call } from '../test/support/local-aws/exchange.ts'
import { startLocalAws } from '../test/support/local-aws.ts'
import {
  configOf,
  keysProfile,
  loginProfile,
  roleProfile,
  ssoProfile,
  type TestProfile,
  webIdentityProfile,
} from '../test/support/profile-sections.ts'
import { awsLogin, createAwsHome, signerOf, ssoLogin } from '../test/support/temporary-home.ts'
import type { Limits, Result } from './part.ts'

const RUNS = 1000
const AT_ONCE = 50
/** So that others find the lock of a refresh. */
const DELAY_MS = 200
/** 50 at once wait for two cores. */
const TIMEOUT_MS = 120_000

const numbered = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`)

const ROLES = numbered(55, 'role-').map((name) => roleProfile(name))
const PROFILES: readonly TestProfile[] = [
  ...ROLES,
  ...numbered(15, 'chain-').map((name, index) => roleProfile(name, ROLES[index])),
  ...numbered(20, 'Role').map(ssoProfile),
  ...numbered(9, 'web-').map(webIdentityProfile),
  loginProfile,
]

/**
 * Runs of the command, 50 at once over 100 profiles in random order, with empty caches and expired logins: each token is signed
 * by the right identity, and each identity is refreshed once.
 */
export async function load({ untilMs, count, seed }: Limits): Promise<Result> {
  const random = createRandom(seed)
  const order = Array.from({ length: Math.ceil(Math.min(count, RUNS) / PROFILES.length) }, () => PROFILES).flat()
  const runs = random.shuffle(order).slice(0, Math.min(count, RUNS))
  const delayMs = { sts: DELAY_MS, sso: DELAY_MS, 'sso-oidc': DELAY_MS, signin: DELAY_MS }
  const aws = await startLocalAws({ behavior: { delayMs } })
  const home = createAwsHome(aws)
  try {
    home.write('.aws/config', configOf([keysProfile, ...PROFILES], home.folder))
    home.write(...ssoLogin('corp', -60))
    home.write(...awsLogin(60))
    const problems: string[] = []
    const started: TestProfile[] = []
    let [slowest, running, most] = [0, 0, 0]
    await inLanes(AT_ONCE, runs, async (profile) => {
      if (performance.now() > untilMs) return
      started.push(profile)
      most = Math.max(most, ++running)
      const result = await home.run(['--profile', profile.name], {}, TIMEOUT_MS)
      running--
      slowest = Math.max(slowest, result.seconds)
      if (result.code !== 0 || result.stderr !== '') problems.push(`${profile.name}: ${JSON.stringify(result)}`)
      else if (signerOf(result) !== profile.signer) problems.push(`${profile.name}: signed by ${signerOf(result)}`)
    })
    const right = started.length - problems.length
    const expected = expectedCalls(started)
    problems.push(...differentCalls(aws.calls.map(identify), expected))
    const summary =
      `${right} of ${started.length} runs over ${new Set(started).size} profiles with the right identity, ${most} at once; ` +
      `${aws.calls.length} calls, ${expected.length} expected; the slowest run took ${slowest.toFixed(1)} s`
    return { summary, problems }
  } finally {
    home.remove()
    await aws.close()
  }
}

/** One for each identity that was used, and one for the login of the SSO profiles. */
function expectedCalls(profiles: readonly TestProfile[]): string[] {
  const used = new Set(profiles.flatMap((profile) => (profile.source ? [profile, profile.source] : [profile])))
  const calls = [...used].flatMap(({ call }) => call ?? [])
  return calls.some((call) => call.startsWith('GetRoleCredentials ')) ? [...calls, 'CreateToken'] : calls
}

function identify({ op, params }: Call): string {
  const role = params?.RoleArn ?? params?.role_name
  return role === undefined ? String(op) : `${op} ${role}`
}

function differentCalls(calls: readonly string[], expected: readonly string[]): string[] {
  const times = (call: string): number => calls.filter((other) => other === call).length
  return [...new Set([...calls, ...expected])].flatMap((call) => {
    const wanted = expected.includes(call) ? 1 : 0
    return times(call) === wanted ? [] : [`${call}: ${times(call)} times, ${wanted} expected`]
  })
}
