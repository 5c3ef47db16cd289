import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LockedTask, withLock } from '../../../src/credentials/cache/lock.ts'
import { startDeadline } from '../../../src/net/deadline.ts'
import { runtimeWith } from '../../support/runtime.ts'

const USER_ID = process.getuid?.()
let home: string
let file: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-lock-'))
  file = join(home, 'locks', 'x.lock')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const context = () => {
  const runtime = runtimeWith()
  const processHost = { ...runtime.processHost, processId: process.pid, isRunning: () => true }
  return { runtime: { ...runtime, userId: USER_ID, processHost }, ...startDeadline(30, () => new Date()) }
}
const task = (more: Partial<LockedTask<string>> = {}): LockedTask<string> => ({
  description: 'a test',
  readCached: () => undefined,
  refresh: async () => 'refreshed',
  exclusive: true,
  ...more,
})

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

describe('something else in place of the lock', () => {
  test.each<[string, () => void]>([
    ['a pipe', () => execFileSync('mkfifo', [file])],
    ['a file of 50 MB', () => writeFileSync(file, Buffer.alloc(50 << 20))],
    ['a file of 5 KB', () => writeFileSync(file, ' '.repeat(5000))],
    ['a directory', () => mkdirSync(file)],
    ['a directory with files', () => mkdirSync(join(file, 'a'), { recursive: true })],
    ['a dangling link', () => symlinkSync('/nowhere', file)],
    ['a link to a file', () => symlinkSync('/etc/hostname', file)],
    ['a link to a device', () => symlinkSync('/dev/zero', file)],
    ['a link to itself', () => symlinkSync(file, file)],
  ])('%s means that there is no lock: the refresh starts at once, and nothing is removed', async (_title, make) => {
    mkdirSync(dirname(file), { mode: 0o700 })
    make()
    expect(await seconds(() => withLock(file, task(), context()))).toBeLessThan(1)
    expect(readdirSync(dirname(file))).toEqual(['x.lock'])
  })
})

describe('something else in place of the lock directory', () => {
  test.each<[string, () => void]>([
    ['a file', () => writeFileSync(dirname(file), '')],
    ['a dangling link', () => symlinkSync('/nowhere', dirname(file))],
    ['a link to a directory', () => symlinkSync(tmpdir(), dirname(file))],
    ['a pipe', () => execFileSync('mkfifo', [dirname(file)])],
    ['a group-writable directory', () => execFileSync('mkdir', ['-m', '770', dirname(file)])],
    ['a world-writable directory', () => execFileSync('mkdir', ['-m', '1777', dirname(file)])],
  ])('%s means that there are no locks', async (_title, make) => {
    make()
    expect(await seconds(() => withLock(file, task(), context()))).toBeLessThan(1)
    expect(existsSync(file)).toBe(false)
  })
  test('without a cache directory there are no locks', async () => {
    expect(await withLock(undefined, task(), context())).toBe('refreshed')
  })
})

/** A test with a file for a lock of its own, which can run beside others. */
const testWithFile = test.extend<{ file: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  file: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-lock-'))
    await use(join(folder, 'locks', 'x.lock'))
    rmSync(folder, { recursive: true, force: true })
  },
})

// They mostly wait for a lock to become stale.
describe.concurrent('the lock of another process', () => {
  const lockText = (renewals: number) =>
    JSON.stringify({ host: 'elsewhere', pid: 1, isPrompting: false, nonce: 0.5, renewals }).padEnd(512)
  const hold = (file: string, text: string) => {
    mkdirSync(dirname(file), { mode: 0o700 })
    writeFileSync(file, text, { mode: 0o600 })
  }

  testWithFile(
    'is taken over after 5 s without renewal, even if its modification time changes',
    async ({ file, expect }) => {
      hold(file, lockText(1))
      const timer = setInterval(() => utimesSync(file, new Date(), new Date()), 100)
      const waited = await seconds(() => withLock(file, task(), context()))
      clearInterval(timer)
      expect(waited).toBeGreaterThan(4.5)
      expect(waited).toBeLessThan(15)
      expect(readdirSync(dirname(file))).toEqual([])
    },
  )
  testWithFile(
    'is not taken over while it is renewed, even if its modification time does not change',
    async ({ file, expect }) => {
      hold(file, lockText(1))
      const before = new Date('2026-01-01T00:00:00Z')
      let renewals = 1
      const timer = setInterval(() => {
        writeFileSync(file, lockText(++renewals))
        utimesSync(file, before, before)
      }, 500)
      let result: string | undefined
      setTimeout(() => {
        result = 'by another process'
        clearInterval(timer)
        rmSync(file)
      }, 8000)
      expect(await withLock(file, task({ readCached: () => result }), context())).toBe('by another process')
    },
  )
  testWithFile.for(['', 'null', '\0garbage', '{"host":7}'])(
    'with the text %j is taken over after 5 s',
    async (text, { file, expect }) => {
      hold(file, text)
      expect(await seconds(() => withLock(file, task(), context()))).toBeLessThan(15)
      expect(readdirSync(dirname(file))).toEqual([])
    },
  )
  testWithFile('of a process that has ended is taken over at once', async ({ file, expect }) => {
    hold(file, lockText(1).replace('elsewhere', 'host'))
    const { runtime, ...deadline } = context()
    const processHost = { ...runtime.processHost, isRunning: () => false }
    const run = () => withLock(file, task(), { runtime: { ...runtime, processHost }, ...deadline })
    expect(await seconds(run)).toBeLessThan(1)
  })
  testWithFile('is not waited for if there is a fallback', async ({ file, expect }) => {
    hold(file, lockText(1))
    expect(await withLock(file, task({ fallback: 'previous' }), context())).toBe('previous')
  })
  describe('whose takeover was killed', () => {
    const killed = lockText(1).replace('elsewhere', 'host')
    const withoutProcesses = () => {
      const { runtime, ...deadline } = context()
      return { runtime: { ...runtime, processHost: { ...runtime.processHost, isRunning: () => false } }, ...deadline }
    }
    testWithFile.for([
      ['once', ['.next']],
      ['twice', ['.next', '.next.next']],
    ] as const)('%s is taken over at once if the processes have ended', async ([, successors], { file, expect }) => {
      hold(file, killed)
      for (const successor of successors) writeFileSync(`${file}${successor}`, killed, { mode: 0o600 })
      expect(await seconds(() => withLock(file, task(), withoutProcesses()))).toBeLessThan(1)
      expect(readdirSync(dirname(file))).toEqual([])
    })
    testWithFile.for([
      ['on another host', lockText(7)],
      ['before it could write anything', ''],
    ] as const)('%s is taken over after 5 s', async ([, successor], { file, expect }) => {
      hold(file, lockText(1))
      writeFileSync(`${file}.next`, successor, { mode: 0o600 })
      const waited = await seconds(() => withLock(file, task(), context()))
      expect(waited).toBeGreaterThan(4.5)
      expect(waited).toBeLessThan(9)
      expect(readdirSync(dirname(file))).toEqual([])
    })
    testWithFile('is taken over by one of many processes at a time', async ({ file, expect }) => {
      hold(file, killed)
      writeFileSync(`${file}.next`, killed, { mode: 0o600 })
      let running = 0
      let most = 0
      let result: string | undefined
      const refresh = async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 100))
        running--
        result = 'refreshed once'
        return result
      }
      const { runtime, ...deadline } = context()
      const isRunning = (processId: number) => processId !== 1
      const shared = { runtime: { ...runtime, processHost: { ...runtime.processHost, isRunning } }, ...deadline }
      const runs = Array.from({ length: 20 }, () =>
        withLock(file, task({ refresh, readCached: () => result, exclusive: true }), shared),
      )
      expect(new Set(await Promise.all(runs))).toEqual(new Set(['refreshed once']))
      expect(most).toBe(1)
    })
  })
  testWithFile('whose successor file is not a lock means that there is no lock', async ({ file, expect }) => {
    hold(file, lockText(1).replace('elsewhere', 'host'))
    mkdirSync(`${file}.next`)
    const { runtime, ...deadline } = context()
    const processHost = { ...runtime.processHost, isRunning: () => false }
    const run = () => withLock(file, task(), { runtime: { ...runtime, processHost }, ...deadline })
    expect(await seconds(run)).toBeLessThan(1)
    expect(existsSync(`${file}.next`)).toBe(true)
  })
})

test('the lock of this process has mode 0600, counts its renewals, and is removed at the end', async () => {
  const texts: Record<string, unknown>[] = []
  const refresh = async () => {
    for (let index = 0; index < 2; index++) {
      texts.push(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)
      expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700])
      await new Promise((resolve) => setTimeout(resolve, 1500))
    }
    return 'refreshed'
  }
  expect(await withLock(file, task({ refresh }), context())).toBe('refreshed')
  const [first, second] = texts
  expect(first).toMatchObject({ host: 'host', pid: process.pid, isPrompting: false })
  expect(second?.renewals).toBeGreaterThan(first?.renewals as number)
  expect(readdirSync(dirname(file))).toEqual([])
})
