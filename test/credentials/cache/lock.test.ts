import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LockedTask, withLock } from '../../../src/credentials/cache/lock.ts'
import {
  acquire,
  type LockState,
  readLock,
  removeLockOfEndedProcess,
  takeOver,
} from '../../../src/credentials/cache/lock-file.ts'
import { startDeadline } from '../../../src/net/deadline.ts'
import { fileError, openFiles, withFileSystem } from '../../support/file-system.ts'
import { runtimeWith } from '../../support/runtime.ts'

const USER_ID = process.getuid?.()
let home: string
let file: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-lock-'))
  file = join(home, 'locks', 'x.lock')
  // A lock becomes stale in no time.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  })
})
afterEach(() => {
  vi.useRealTimers()
  if (process.platform === 'linux') expect(openFiles(join(home, 'locks'))).toEqual([])
  rmSync(home, { recursive: true, force: true })
})

const context = ({ trace, isRunning = () => true }: { trace?: string[]; isRunning?: (id: number) => boolean } = {}) => {
  const { trace: addLine, ...runtime } = runtimeWith(trace ? { trace } : {})
  const processHost = { ...runtime.processHost, processId: process.pid, isRunning }
  return {
    runtime: { ...runtime, ...(trace && addLine ? { trace: addLine } : {}), userId: USER_ID, processHost },
    ...startDeadline(30, () => new Date()),
  }
}
const withoutProcesses = () => context({ isRunning: () => false })
const task = (more: Partial<LockedTask<string>> = {}): LockedTask<string> => ({
  description: 'a test',
  readCached: () => undefined,
  refresh: async () => 'refreshed',
  exclusive: true,
  ...more,
})

/** Lets the clock run until a result is there. */
async function settle<T>(result: Promise<T>): Promise<T> {
  let isSettled = false
  const end = () => {
    isSettled = true
  }
  result.then(end, end)
  while (!isSettled) await vi.advanceTimersByTimeAsync(20)
  return result
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await settle(run())
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
    let isLocked: boolean | undefined
    const refresh = async () => {
      isLocked = existsSync(file)
      return 'refreshed'
    }
    expect(await seconds(() => withLock(file, task({ refresh }), context()))).toBeLessThan(1)
    expect(isLocked).toBe(false)
  })
  test('a file in place of its parent means that there are no locks', async () => {
    writeFileSync(join(home, 'file'), '')
    expect(await withLock(join(home, 'file', 'locks', 'x.lock'), task(), context())).toBe('refreshed')
  })
  test('a full disk means that there are no locks', () => {
    const openSync = () => {
      throw fileError('ENOSPC')
    }
    expect(withFileSystem({ openSync }, () => acquire(file, context().runtime))).toBe('unavailable')
    expect(readdirSync(dirname(file))).toEqual([])
  })
  test('without a cache directory there are no locks', async () => {
    expect(await withLock(undefined, task(), context())).toBe('refreshed')
  })
})

const lockText = (renewals: number, more: object = {}) =>
  JSON.stringify({ host: 'elsewhere', pid: 1, isPrompting: false, nonce: 0.5, renewals, ...more }).padEnd(512)
const hold = (text: string) => {
  mkdirSync(dirname(file), { mode: 0o700 })
  writeFileSync(file, text, { mode: 0o600 })
}
/** Renews a lock as its holder does. */
const renew = (more: object = {}) => {
  let renewals = 1
  return setInterval(() => writeFileSync(file, lockText(++renewals, more)), 1000)
}

describe('the lock of another process', () => {
  test('is taken over after 5 s without renewal, even if its modification time changes', async () => {
    hold(lockText(1))
    const timer = setInterval(() => utimesSync(file, new Date(), new Date()), 100)
    const trace: string[] = []
    const waited = await seconds(() => withLock(file, task(), context({ trace })))
    clearInterval(timer)
    expect(waited).toBeGreaterThan(4.9)
    expect(waited).toBeLessThan(5.3)
    expect(readdirSync(dirname(file))).toEqual([])
    expect(trace).toEqual([
      'waiting for process 1 on elsewhere to refresh a test',
      'taking over the stale lock of process 1 on elsewhere',
    ])
  })
  test('is not taken over while it is renewed, even if its modification time does not change', async () => {
    hold(lockText(1))
    const before = new Date('2026-01-01T00:00:00Z')
    const timer = renew()
    const times = setInterval(() => utimesSync(file, before, before), 100)
    let result: string | undefined
    setTimeout(() => {
      result = 'by another process'
      clearInterval(timer)
      clearInterval(times)
      rmSync(file)
    }, 20_000)
    expect(await settle(withLock(file, task({ readCached: () => result }), context()))).toBe('by another process')
  })
  test('that is renewed for ever is waited for until the deadline', async () => {
    hold(lockText(1))
    renew()
    await expect(settle(withLock(file, task(), context()))).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'timed out after 30 s waiting for process 1 on elsewhere to refresh a test',
    })
    expect(existsSync(file)).toBe(true)
  })
  test.each([true, false])('that is replaced by another one is waited for anew: exclusive %s', async (exclusive) => {
    hold(lockText(1))
    setTimeout(() => writeFileSync(file, lockText(1, { nonce: 0.6, pid: 2 })), 4000)
    const trace: string[] = []
    expect(await seconds(() => withLock(file, task({ exclusive }), context({ trace })))).toBeGreaterThan(8.9)
    expect(trace[1]).toBe('waiting for process 2 on elsewhere to refresh a test')
  })
  test('is not waited for when the result has been stored already', async () => {
    hold(lockText(1))
    const stored = task({ readCached: () => 'stored' })
    expect(await seconds(() => withLock(file, stored, context()))).toBeLessThan(1)
    expect(readFileSync(file, 'utf8')).toBe(lockText(1))
  })
  test.each([
    '',
    'null',
    '\0garbage',
    '{"host":7}',
    '{"host":7,"pid":1}',
    '{"host":"host"}',
    '{"host":"host","pid":"1"}',
  ])('with the text %j is taken over after 5 s', async (text) => {
    hold(text)
    const trace: string[] = []
    const waited = await seconds(() => withLock(file, task(), context({ trace })))
    expect([waited > 4.9, waited < 5.3]).toEqual([true, true])
    expect(trace.at(-1)).toBe('taking over the stale lock of another process')
    expect(readdirSync(dirname(file))).toEqual([])
  })
  test('whose number of renewals is not a number is not a lock', async () => {
    hold(lockText(1).replace('"renewals":1', '"renewals":"1"'))
    expect(await seconds(() => withLock(file, task(), context()))).toBeLessThan(1)
    expect(existsSync(file)).toBe(true)
  })
  test('of a process that has ended is taken over at once', async () => {
    hold(lockText(1, { host: 'host' }))
    expect(await seconds(() => withLock(file, task(), withoutProcesses()))).toBeLessThan(1)
  })
  test('of a process on another host counts as running', async () => {
    hold(lockText(1))
    expect(await seconds(() => withLock(file, task(), withoutProcesses()))).toBeGreaterThan(4.9)
  })
  test('is not waited for if there is a fallback, unless it is stale', async () => {
    hold(lockText(1, { host: 'host' }))
    expect(await settle(withLock(file, task({ fallback: 'previous' }), context()))).toBe('previous')
    expect(await settle(withLock(file, task({ fallback: 'previous' }), withoutProcesses()))).toBe('refreshed')
  })
  test.each([
    [true, 1],
    [false, 2],
  ])('that was released without a result: exclusive %s, at most %i at once', async (exclusive, expected) => {
    hold(lockText(1))
    const timer = renew()
    let running = 0
    let most = 0
    const refresh = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 1000))
      running--
      return 'refreshed'
    }
    setTimeout(() => {
      clearInterval(timer)
      rmSync(file)
    }, 2000)
    const runs = [0, 1].map(() => withLock(file, task({ refresh, exclusive }), context()))
    expect(await settle(Promise.all(runs))).toEqual(['refreshed', 'refreshed'])
    expect(most).toBe(expected)
  })

  describe('whose takeover was killed', () => {
    const killed = lockText(1, { host: 'host' })
    test.each([
      ['once', ['.next']],
      ['twice', ['.next', '.next.next']],
    ])('%s is taken over at once if the processes have ended', async (_title, successors) => {
      hold(killed)
      for (const successor of successors) writeFileSync(`${file}${successor}`, killed, { mode: 0o600 })
      expect(await seconds(() => withLock(file, task(), withoutProcesses()))).toBeLessThan(1)
      expect(readdirSync(dirname(file))).toEqual([])
    })
    test.each([
      ['on another host', lockText(7)],
      ['before it could write anything', ''],
    ])('%s is taken over after 5 s', async (_title, successor) => {
      hold(lockText(1))
      writeFileSync(`${file}.next`, successor, { mode: 0o600 })
      const waited = await seconds(() => withLock(file, task(), context()))
      expect(waited).toBeGreaterThan(4.9)
      expect(waited).toBeLessThan(5.3)
      expect(readdirSync(dirname(file))).toEqual([])
    })
    test('is removed after 10 s if another process takes it over for ever', async () => {
      hold(lockText(1))
      writeFileSync(`${file}.next`, lockText(1), { mode: 0o600 })
      let renewals = 1
      const timer = setInterval(() => writeFileSync(`${file}.next`, lockText(++renewals)), 1000)
      const waited = await seconds(() => withLock(file, task(), context()))
      clearInterval(timer)
      expect(waited).toBeGreaterThan(9.9)
      expect(waited).toBeLessThan(10.3)
      expect(readdirSync(dirname(file))).toEqual([])
    })
    test('is taken over by one of many processes at a time', async () => {
      hold(killed)
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
      const shared = context({ isRunning: (processId) => processId !== 1 })
      const runs = Array.from({ length: 20 }, () =>
        withLock(file, task({ refresh, readCached: () => result, exclusive: true }), shared),
      )
      expect(new Set(await settle(Promise.all(runs)))).toEqual(new Set(['refreshed once']))
      expect(most).toBe(1)
    })
  })
  test('whose successor file is not a lock means that there is no lock', async () => {
    hold(lockText(1, { host: 'host' }))
    mkdirSync(`${file}.next`)
    expect(await seconds(() => withLock(file, task(), withoutProcesses()))).toBeLessThan(1)
    expect(existsSync(`${file}.next`)).toBe(true)
  })
})

describe('a lock holder that waits for its user', () => {
  const PROMPTING = { isPrompting: true }
  test('is waited for beyond the deadline', async () => {
    hold(lockText(1, PROMPTING))
    const timer = renew(PROMPTING)
    let result: string | undefined
    setTimeout(() => {
      clearInterval(timer)
      result = 'by another process'
      rmSync(file)
    }, 100_000)
    const start = performance.now()
    expect(await settle(withLock(file, task({ readCached: () => result }), context()))).toBe('by another process')
    expect((performance.now() - start) / 1000).toBeLessThan(100.3)
  })
  test('and is followed by another one with the result stored is not waited for any longer', async () => {
    hold(lockText(1, PROMPTING))
    const timer = renew(PROMPTING)
    let result: string | undefined
    setTimeout(() => {
      clearInterval(timer)
      result = 'by another process'
      writeFileSync(file, lockText(1, { ...PROMPTING, nonce: 0.6, pid: 2 }))
    }, 10_000)
    expect(await seconds(() => withLock(file, task({ readCached: () => result }), context()))).toBeLessThan(10.3)
  })
  test('and no longer does is waited for until the deadline', async () => {
    hold(lockText(1, PROMPTING))
    const timer = renew(PROMPTING)
    setTimeout(() => {
      clearInterval(timer)
      renew()
    }, 10_000)
    const start = performance.now()
    await expect(settle(withLock(file, task(), context()))).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    expect((performance.now() - start) / 1000).toBeLessThan(43)
  })
  test.each([
    ['130 s', undefined, 130],
    ['620 s where this process could sign in', 'login', 620],
  ])('is waited for %s, and then until the deadline', async (_title, login, expected) => {
    hold(lockText(1, PROMPTING))
    renew(PROMPTING)
    const waits: string[] = []
    const interactiveLogin = async () => ({ onWait: (holder: string) => waits.push(holder) }) as never
    const run = () => withLock(file, task(), { ...context(), ...(login === undefined ? {} : { interactiveLogin }) })
    const start = performance.now()
    await expect(settle(run())).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    const waited = (performance.now() - start) / 1000
    expect(waited).toBeGreaterThan(expected + 29)
    expect(waited).toBeLessThan(expected + 31.5)
    expect(waits).toEqual(login === undefined ? [] : ['process 1 on elsewhere'])
  })
  test('and is not renewed is taken over after 5 s', async () => {
    hold(lockText(1, PROMPTING))
    const waited = await seconds(() => withLock(file, task(), context()))
    expect(waited).toBeGreaterThan(4.9)
    expect(waited).toBeLessThan(5.3)
  })
  test('and has ended is taken over at once', async () => {
    hold(lockText(1, { ...PROMPTING, host: 'host' }))
    let isRunning = true
    setTimeout(() => {
      isRunning = false
    }, 2000)
    const waited = await seconds(() => withLock(file, task(), context({ isRunning: () => isRunning })))
    expect(waited).toBeGreaterThan(1.9)
    expect(waited).toBeLessThan(2.3)
  })
  test('is not waited for by a task that ignores prompts', async () => {
    hold(lockText(1, PROMPTING))
    renew(PROMPTING)
    expect(await seconds(() => withLock(file, task({ ignoresPrompts: true }), context()))).toBeLessThan(1)
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
  expect(await settle(withLock(file, task({ refresh }), context()))).toBe('refreshed')
  const [first, second] = texts
  expect(first).toMatchObject({ host: 'host', pid: process.pid, isPrompting: false })
  expect(second?.renewals).toBeGreaterThan(first?.renewals as number)
  expect(readdirSync(dirname(file))).toEqual([])
})

test('the lock of this process keeps no process alive, and is not renewed after its release', () => {
  const timers = vi.spyOn(globalThis, 'setInterval')
  const running = context()
  const before = vi.getTimerCount()
  const handle = acquire(file, running.runtime)
  const renewals = timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())
  timers.mockRestore()
  expect([renewals, vi.getTimerCount()]).toEqual([[false], before + 1])
  if (typeof handle !== 'string') handle.release()
  expect(vi.getTimerCount()).toBe(before)
})

test('the lock of a host with a very long name has its constant length', () => {
  const { runtime } = context()
  const processHost = { ...runtime.processHost, hostId: () => 'h'.repeat(1000) }
  const handle = acquire(file, { ...runtime, processHost })
  expect(readFileSync(file)).toHaveLength(512)
  if (typeof handle !== 'string') handle.release()
})

test('the lock of this process says that it waits for its user, and that it no longer does', async () => {
  const prompts: unknown[] = []
  const read = () => prompts.push((JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>).isPrompting)
  let exit = () => {}
  const { runtime, ...deadline } = context()
  const onExit = (stop: () => void) => {
    exit = stop
    return () => {
      exit = () => prompts.push('not registered')
    }
  }
  const refresh: LockedTask<string>['refresh'] = async (whilePrompting) => {
    read()
    const code = await whilePrompting(
      (async () => {
        await new Promise((resolve) => setTimeout(resolve, 60_000))
        read()
        return '123456'
      })(),
    )
    read()
    exit()
    return code
  }
  const shared = { runtime: { ...runtime, processHost: { ...runtime.processHost, onExit } }, ...deadline }
  expect(await settle(withLock(file, task({ refresh }), shared))).toBe('123456')
  expect(prompts).toEqual([false, true, false, 'not registered'])
  expect(readdirSync(dirname(file))).toEqual([])
})

test('an exit while it waits for its user releases the lock', async () => {
  const { runtime, ...deadline } = context()
  let exit = () => {}
  const onExit = (stop: () => void) => {
    exit = stop
    return () => {}
  }
  const refresh: LockedTask<string>['refresh'] = (whilePrompting) => whilePrompting(new Promise<string>(() => {}))
  const shared = { runtime: { ...runtime, processHost: { ...runtime.processHost, onExit } }, ...deadline }
  void withLock(file, task({ refresh }), shared)
  await vi.advanceTimersByTimeAsync(100)
  expect(readdirSync(dirname(file))).toEqual(['x.lock'])
  exit()
  expect(readdirSync(dirname(file))).toEqual([])
})

test('a lock that another process has taken over meanwhile is not removed', async () => {
  const refresh = async () => {
    writeFileSync(`${file}.next`, lockText(1))
    renameSync(`${file}.next`, file)
    return 'refreshed'
  }
  expect(await settle(withLock(file, task({ refresh }), context()))).toBe('refreshed')
  expect(readFileSync(file, 'utf8')).toBe(lockText(1))
})

test('a refresh that fails releases the lock', async () => {
  const refresh = () => Promise.reject(new Error('failed'))
  await expect(settle(withLock(file, task({ refresh }), context()))).rejects.toThrow('failed')
  expect(readdirSync(dirname(file))).toEqual([])
})

describe('a stale lock', () => {
  const stale = () => readLock(file) as LockState
  const { processHost } = withoutProcesses().runtime
  test('that another process has replaced meanwhile is not taken over', () => {
    hold(lockText(1))
    const before = stale()
    writeFileSync(file, lockText(1, { nonce: 0.6 }))
    expect(takeOver(file, before, processHost)).toBe('held')
    expect([readdirSync(dirname(file)), readFileSync(file, 'utf8')]).toEqual([['x.lock'], lockText(1, { nonce: 0.6 })])
  })
  test('that cannot be replaced is not taken over', () => {
    hold(lockText(1))
    const renameSync = () => {
      throw fileError('EPERM')
    }
    expect(withFileSystem({ renameSync }, () => takeOver(file, stale(), processHost))).toBe('held')
    expect([readdirSync(dirname(file)), readFileSync(file, 'utf8')]).toEqual([['x.lock'], lockText(1)])
  })
  test.each<[string, (second: string) => void, string]>([
    ['is held', (second) => writeFileSync(second, lockText(1), { mode: 0o600 }), 'held'],
    ['is not a lock', (second) => mkdirSync(second), 'unavailable'],
  ])('whose takeover was killed, and the takeover of that one %s, stays', (_title, make, expected) => {
    const ended = lockText(1, { host: 'host' })
    hold(ended)
    writeFileSync(`${file}.next`, ended, { mode: 0o600 })
    make(`${file}.next.next`)
    expect(takeOver(file, stale(), processHost)).toBe(expected)
    expect(readdirSync(dirname(file)).sort()).toEqual(['x.lock', 'x.lock.next', 'x.lock.next.next'])
    expect(readFileSync(file, 'utf8')).toBe(ended)
  })
  test.each<[string, () => void, string[]]>([
    ['of an ended process', () => hold(lockText(1, { host: 'host' })), []],
    ['of a process on another host', () => hold(lockText(1)), ['x.lock']],
    ['that no process holds', () => mkdirSync(dirname(file)), []],
    [
      'that another process takes over',
      () => {
        hold(lockText(1, { host: 'host' }))
        writeFileSync(`${file}.next`, lockText(1), { mode: 0o600 })
      },
      ['x.lock', 'x.lock.next'],
    ],
  ])('%s is removed only if its process has ended', (_title, make, expected) => {
    make()
    removeLockOfEndedProcess(file, withoutProcesses().runtime)
    expect(readdirSync(dirname(file)).sort()).toEqual(expected)
  })
  test('of a running process is not removed', () => {
    hold(lockText(1, { host: 'host' }))
    removeLockOfEndedProcess(file, context().runtime)
    expect(readdirSync(dirname(file))).toEqual(['x.lock'])
  })
})

test('what another process has stored meanwhile is used in place of a refresh', async () => {
  const refresh = () => Promise.reject(new Error('not needed'))
  const stored = task({ refresh, readCached: () => 'stored' })
  expect(await settle(withLock(file, stored, context()))).toBe('stored')
  expect(await settle(withLock(undefined, stored, context()))).toBe('stored')
})
