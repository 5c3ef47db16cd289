import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../../src/config/profiles.ts'
import { computeSettings } from '../../../src/config/settings.ts'
import { awsCacheFile } from '../../../src/credentials/cache/aws-cache.ts'
import { lockFile } from '../../../src/credentials/cache/paths.ts'
import { loadThroughAwsCache, loadThroughRoleCache } from '../../../src/credentials/cache/read-through.ts'
import { createLoadContext, type WhilePrompting } from '../../../src/credentials/context.ts'
import type { Credentials } from '../../../src/credentials/credentials.ts'
import type { Plan } from '../../../src/credentials/sources/registry.ts'
import type { AssumeRolePlan } from '../../../src/credentials/sources/sts.ts'
import { startDeadline } from '../../../src/net/deadline.ts'
import { runtimeWith } from '../../support/runtime.ts'

const NOW = '2026-01-02T03:04:05Z'
const credentials = (accessKeyId: string, expiration: string | undefined = '2026-01-02T04:04:05Z'): Credentials => ({
  ...{ accessKeyId, secretAccessKey: `secret-of-${accessKeyId}`, sessionToken: 'TOKEN' },
  expiration: expiration === undefined ? undefined : new Date(expiration),
})
const ROLE: AssumeRolePlan<Plan> = {
  ...{ kind: 'assume-role', why: '', profile: 'p', roleArn: 'arn:aws:iam::123456789012:role/r' },
  ...{ sessionName: undefined, externalId: undefined, durationSeconds: undefined, mfaSerial: undefined },
  source: { kind: 'environment', why: '' },
}
const BASE = credentials('AKIDBASE', undefined)

let home: string
let trace: string[]
let fetches: number
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-read-through-'))
  trace = []
  fetches = 0
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const contextOf = ({ homeDirectory = home, now = NOW }: { homeDirectory?: string | undefined; now?: string } = {}) => {
  const runtime = { ...runtimeWith({ trace, now }), homeDirectory: () => homeDirectory, userId: process.getuid?.() }
  const processHost = { ...runtime.processHost, processId: process.pid, isRunning: () => true }
  const settings = computeSettings({}, runtime.env, readSharedFiles(runtime))
  return createLoadContext(
    {},
    settings,
    { ...runtime, processHost },
    startDeadline(10, () => new Date()),
  )
}
const fetchAs = (accessKeyId: string) => async () => {
  fetches++
  return credentials(accessKeyId)
}
const neverFetched = () => Promise.reject(new Error('fetched'))
/** All of a directory, as paths relative to the home directory. */
const files = () =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))

const CACHES = [
  [
    'the cache of the AWS CLI',
    (fetch: () => Promise<Credentials>, context = contextOf()) => loadThroughAwsCache(ROLE, 'key', fetch, context),
    /^\.aws\/cli\/cache\/[0-9a-f]{40}\.json$/,
  ],
  [
    'the role cache',
    (fetch: () => Promise<Credentials>, context = contextOf()) => loadThroughRoleCache(ROLE, BASE, fetch, context),
    /^\.cache\/eks-get-token\/roles\/[0-9a-f]{64}\.json$/,
  ],
] as const

describe.each(CACHES)('%s', (_title, load, path) => {
  test('has what was fetched for the next run', async () => {
    expect(await load(fetchAs('ASIAFIRST'))).toMatchObject({ accessKeyId: 'ASIAFIRST' })
    expect(trace).toEqual([])
    expect(files()).toEqual([expect.stringMatching(path)])
    expect(await load(neverFetched)).toEqual(credentials('ASIAFIRST'))
    expect(trace).toEqual([
      `cache: ASIAFIRST, valid until 2026-01-02T04:04:05.000Z, from ${join(home, files()[0] ?? '')}`,
    ])
    expect(fetches).toBe(1)
  })
  test('is fetched again 15 minutes before it expires', async () => {
    await load(fetchAs('ASIAFIRST'))
    expect(await load(neverFetched, contextOf({ now: '2026-01-02T03:49:04Z' }))).toMatchObject({
      accessKeyId: 'ASIAFIRST',
    })
    expect(await load(fetchAs('ASIASECOND'), contextOf({ now: '2026-01-02T03:49:06Z' }))).toMatchObject({
      accessKeyId: 'ASIASECOND',
    })
    expect(files()).toHaveLength(1)
  })
  test('is filled once by runs at the same time', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, () => load(fetchAs('ASIAFIRST'))))
    expect(runs.map(({ accessKeyId }) => accessKeyId)).toEqual(Array(5).fill('ASIAFIRST'))
    expect(fetches).toBe(1)
    const waiting = trace.filter((line) => line.startsWith('waiting for'))
    expect(new Set(waiting)).toEqual(
      new Set([
        `waiting for process ${process.pid} on host to refresh credentials of arn:aws:iam::123456789012:role/r`,
      ]),
    )
  })
  test('is used without a trace', async () => {
    const context = contextOf()
    const { trace: _trace, ...runtime } = context.runtime
    for (let run = 1; run <= 2; run++) {
      expect(await load(fetchAs('ASIAFIRST'), { ...context, runtime })).toEqual(credentials('ASIAFIRST'))
    }
    expect([fetches, trace]).toEqual([1, []])
  })
  test('stays empty after an error, which each run reports', async () => {
    await expect(load(neverFetched)).rejects.toThrow('fetched')
    expect(files()).toEqual([])
  })
  test('does not exist without a home directory', async () => {
    const context = contextOf()
    const homeless = { ...context, runtime: { ...context.runtime, homeDirectory: () => undefined } }
    for (let run = 1; run <= 2; run++) {
      await load(fetchAs('ASIAFIRST'), homeless)
      expect(fetches).toBe(run)
    }
    expect(files()).toEqual([])
  })
})

test.each([
  ['SSO role', { kind: 'sso' } as unknown as Plan, 'an SSO role'],
  ['role', ROLE, 'arn:aws:iam::123456789012:role/r'],
])('a run that waits says for which %s', async (_title, plan, name) => {
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    return credentials('ASIAFIRST')
  }
  await Promise.all([0, 1].map(() => loadThroughAwsCache(plan, 'key', slow, contextOf())))
  expect(trace).toContain(`waiting for process ${process.pid} on host to refresh credentials of ${name}`)
})

test.each([
  ['with an MFA device one at a time', 'GAHT123', 1],
  ['without one all at once', undefined, 3],
])('a fetch that fails in another process is repeated: %s', async (_title, mfaSerial, expected) => {
  let [running, most] = [0, 0]
  const fail = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 100))
    running--
    throw new Error('refused')
  }
  const runs = Array.from({ length: 4 }, () => loadThroughAwsCache({ ...ROLE, mfaSerial }, 'key', fail, contextOf()))
  const results = await Promise.allSettled(runs)
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
  // The first one fails alone.
  expect(most).toBe(expected)
})

test('a prompt during a fetch is visible in the lock of the cache file', async () => {
  const context = contextOf()
  const lock = lockFile(awsCacheFile('key', home), context.runtime)
  const fetch = async (whilePrompting: WhilePrompting) => {
    await whilePrompting(
      (async () => {
        await Promise.resolve()
        expect(JSON.parse(readFileSync(lock ?? '', 'utf8'))).toMatchObject({ isPrompting: true })
      })(),
    )
    return credentials('ASIAFIRST')
  }
  expect(await loadThroughAwsCache(ROLE, 'key', fetch, context)).toMatchObject({ accessKeyId: 'ASIAFIRST' })
})

test('a role cache that others can write to is not used, and the trace says why', async () => {
  const directory = join(home, '.cache/eks-get-token/roles')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o777)
  for (let run = 1; run <= 2; run++) {
    await loadThroughRoleCache(ROLE, BASE, fetchAs('ASIAFIRST'), contextOf())
    expect(fetches).toBe(run)
  }
  expect(trace[0]).toMatch(/^cache: not used: .*777/)
  const { trace: _trace, ...runtime } = contextOf().runtime
  const load = loadThroughRoleCache(ROLE, BASE, fetchAs('ASIAFIRST'), { ...contextOf(), runtime })
  expect(await load).toEqual(credentials('ASIAFIRST'))
  expect(readdirSync(directory)).toEqual([])
})
