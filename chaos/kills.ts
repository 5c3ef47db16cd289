import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { textField, tryParseJson } from '../src/json.ts'
import { type AwsHome, awsLogin, signerOf, ssoLogin } from '../test/support/temporary-home.ts'
import { type Group, IDENTITIES, inLanes, type Lab, sleep, withAwsHome } from './lab.ts'
import { createRandom } from './random.ts'

const KILLS = 500
const LANES = 2
/** Processes that are started and killed at once. */
const TOGETHER = 2
const LAST_MOMENT_MS = 150
/** A run between the kills, which may find the locks of killed processes. */
const STEPS_PER_SURVIVOR = 5
/** A lock, and what a process that was killed while taking one over leaves beside it, is stale after 5 s. */
const STALE_SECONDS = 5
const MAX_SECONDS = 8

const CACHE = /^\.aws\/cli\/cache\/|^\.cache\/eks-get-token\/roles\//
const LOGIN = /^\.aws\/(sso|login)\/cache\//
const LOCK = /^\.cache\/eks-get-token\/locks\//
const SECRET = /secret-of-|TOKEN\/|REFRESHTOKEN|CLIENTSECRET|PRIVATE KEY|LOGINTOKEN/

/** Processes that refresh roles and logins are killed at random moments; then their files are read and used. */
export const kills: Group = async (lab) => {
  const steps = Math.ceil(KILLS / lab.commands / LANES / TOGETHER)
  // Each lane has random numbers of its own, because the lanes do not take turns.
  const lanes = Array.from({ length: LANES }, () => ({ ...lab, random: createRandom(lab.random.integer(2 ** 32)) }))
  await inLanes(LANES, lanes, (lane) =>
    withAwsHome(lane, async (aws, home) => {
      aws.reset({ delayMs: { sts: 10, sso: 10, 'sso-oidc': 10, signin: 10 } })
      for (let step = 1; step <= steps; step++) {
        expireEverything(home)
        await Promise.all(Array.from({ length: TOGETHER }, () => killOne(lane, home)))
        checkFiles(lane, home)
        if (step % STEPS_PER_SURVIVOR === 0) await survive(lane, home, lane.random.pick(IDENTITIES))
      }
      await useEverything(lane, home)
    }),
  )
  return undefined
}

async function killOne({ random, report }: Lab, home: AwsHome): Promise<void> {
  const child = home.start(random.pick(IDENTITIES).args)
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, signal) => resolve(signal)))
  await sleep(random.next() * LAST_MOMENT_MS)
  child.kill('SIGKILL')
  report.count('kills')
  if ((await ended) === null) report.count('of these after the end')
}

/** Empty caches, and logins that need a refresh. */
function expireEverything(home: AwsHome): void {
  for (const file of home.files().keys()) {
    if (CACHE.test(file) && file.endsWith('.json')) rmSync(join(home.folder, file))
  }
  for (const [file, text] of [ssoLogin('corp', -60), awsLogin(60)]) {
    const sibling = `replaced-${randomUUID()}`
    home.write(sibling, text)
    home.write(`${file}.placeholder`, '')
    rmSync(join(home.folder, `${file}.placeholder`))
    renameSync(join(home.folder, sibling), join(home.folder, file))
  }
}

/** Every cache and login file is complete, and no secret is in any other. */
function checkFiles({ report }: Lab, home: AwsHome): void {
  let leftovers = 0
  let leftLocks = 0
  for (const [file, text] of home.files()) {
    if (file.endsWith('.tmp')) leftovers++
    else if (LOCK.test(file)) leftLocks++
    else if (CACHE.test(file)) report.expect(isCompleteCache(text), `incomplete cache entry ${file}`, text)
    else if (LOGIN.test(file)) report.expect(isCompleteLogin(text), `incomplete login ${file}`, text)
    const mayHaveSecrets = CACHE.test(file) || LOGIN.test(file) || file === '.aws/config'
    report.expect(mayHaveSecrets || !SECRET.test(text), `secret in ${file}`)
  }
  report.max('temporary files at once', leftovers)
  report.count('checks that found a lock left behind', leftLocks > 0 ? 1 : 0)
  report.count('checks of all files')
}

function isCompleteCache(text: string): boolean {
  const { Credentials } = (tryParseJson(text) ?? {}) as { Credentials?: unknown }
  return ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].every((key) => textField(Credentials, key))
}

function isCompleteLogin(text: string): boolean {
  const login = tryParseJson(text)
  if (!textField(login, 'refreshToken') || !textField(login, 'clientId')) return false
  const { accessToken } = login as { accessToken: unknown }
  if (typeof accessToken === 'string')
    return ['startUrl', 'expiresAt', 'clientSecret'].every((key) => textField(login, key))
  const keys = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiresAt']
  return Boolean(textField(login, 'dpopKey')) && keys.every((key) => textField(accessToken, key))
}

async function survive({ report }: Lab, home: AwsHome, identity: (typeof IDENTITIES)[number]): Promise<void> {
  const files = [...home.files().keys()]
  const staleLocks = files.filter((file) => file.endsWith('.lock')).length
  const afterTakeover = files.some((file) => file.endsWith('.lock.next'))
  const result = await home.run(identity.args)
  report.count('runs after kills')
  report.max('longest of them (s)', result.seconds)
  if (afterTakeover) report.count('of these after a killed takeover')
  const name = identity.args.join(' ')
  report.expect(result.code === 0 && result.stderr === '', `after kills, ${name} fails`, result)
  if (result.code === 0) report.expect(signerOf(result) === identity.signer, `after kills, ${name}`, signerOf(result))
  // A role chain has two locks.
  const limit = MAX_SECONDS + STALE_SECONDS * Math.min(Math.max(staleLocks - 1, 0), 1)
  report.expect(result.seconds < limit, `after kills, ${name} waits too long`, `${result.seconds} s`)
}

/** A minute later: every identity works, and what killed processes have left is removed. */
async function useEverything(lab: Lab, home: AwsHome): Promise<void> {
  const old = new Date(Date.now() - 120_000)
  const leftovers = () => [...home.files().keys()].filter((file) => file.endsWith('.tmp'))
  lab.report.count('temporary files in the end', leftovers().length)
  for (const file of leftovers()) utimesSync(join(home.folder, file), old, old)
  expireEverything(home)
  for (const identity of IDENTITIES) await survive(lab, home, identity)
  lab.report.expect(leftovers().length === 0, 'temporary files are left', leftovers())
  checkFiles(lab, home)
}
