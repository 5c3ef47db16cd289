import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type AwsHome, signerOf } from '../test/support/temporary-home.ts'
import { type Group, type Lab, sleep, withAwsHome } from './lab.ts'

const SIGNER = 'ASIAROLEA00000000000'
/** A lock without a sign of life is stale after 5 s, one whose successor is blocked after 10 s. */
const MAX_SECONDS = 8
const MAX_SECONDS_BLOCKED = 13
const IS_ROOT = process.getuid?.() === 0

type Make = (file: string) => void

/** A lock of another host, whose process nobody can look for. */
const foreignLock = (renewals = 0) => JSON.stringify({ host: 'elsewhere', pid: 1, nonce: 0.5, renewals }).padEnd(512)
const withTimes = (date: Date): Make => {
  return (file) => {
    writeFileSync(file, foreignLock(), { mode: 0o600 })
    utimesSync(file, date, date)
  }
}

const OBSTACLES: Readonly<Record<string, Make>> = {
  'a FIFO': (file) => execFileSync('mkfifo', [file]),
  'a directory': (file) => mkdirSync(file),
  'a directory with a file': (file) => {
    mkdirSync(file)
    writeFileSync(join(file, 'x'), '')
  },
  'a file of 50 MB': (file) => {
    writeFileSync(file, '')
    truncateSync(file, 50_000_000)
  },
  'a dangling link': (file) => symlinkSync('/nonexistent/lock', file),
  'a link to /dev/zero': (file) => symlinkSync('/dev/zero', file),
  'a link to itself': (file) => symlinkSync(file, file),
  'an unreadable file': (file) => {
    writeFileSync(file, 'x')
    chmodSync(file, 0)
  },
  'an empty file': (file) => writeFileSync(file, ''),
  'a file of zeros': (file) => writeFileSync(file, Buffer.alloc(512)),
  'deep JSON': (file) => writeFileSync(file, '['.repeat(4000)),
  'numbers that are not finite': (file) => writeFileSync(file, '{"host":"elsewhere","pid":1e999,"renewals":NaN}'),
  'a lock that names process 1 of this host': (file) => writeFileSync(file, '{"host":"","pid":-1}'),
  'a lock dated in the year 1970': withTimes(new Date(0)),
  'a lock dated in the year 2100': withTimes(new Date('2100-01-01')),
  ...(IS_ROOT && {
    'a lock of another user': (file: string) => {
      writeFileSync(file, foreignLock(), { mode: 0o600 })
      chownSync(file, 12345, 12345)
    },
  }),
}

const DIRECTORIES: Readonly<Record<string, Make>> = {
  'a regular file': (file) => writeFileSync(file, ''),
  'a FIFO': (file) => execFileSync('mkfifo', [file]),
  'a dangling link': (file) => symlinkSync('/nonexistent/locks', file),
  'a directory that everyone can write': (file) => {
    mkdirSync(file)
    chmodSync(file, 0o777)
  },
}

/** Anything may be in place of a lock, of its successor and of their directory: no process waits for it for long. */
export const locks: Group = async (lab) => {
  const runs: (() => Promise<void>)[] = []
  for (const [title, make] of Object.entries(OBSTACLES)) {
    runs.push(() => obstruct(lab, `${title} as the lock`, ({ lock }) => make(lock), MAX_SECONDS))
    runs.push(() =>
      obstruct(
        lab,
        `a stale lock, and ${title} as its successor`,
        ({ lock }) => {
          writeFileSync(lock, foreignLock(), { mode: 0o600 })
          make(`${lock}.next`)
        },
        MAX_SECONDS_BLOCKED,
      ),
    )
  }
  for (const [title, make] of Object.entries(DIRECTORIES)) {
    const replace = ({ directory }: Place): void => {
      rmSync(directory, { recursive: true })
      make(directory)
    }
    runs.push(() => obstruct(lab, `${title} as the directory of locks`, replace, MAX_SECONDS))
  }
  runs.push(
    () => renewedForEver(lab),
    () => releasedInTheEnd(lab),
  )
  // They mostly wait.
  await Promise.all(runs.map((run) => run()))
  if (!IS_ROOT) lab.report.count('skipped: a lock of another user, which only root can make')
  return undefined
}

interface Place {
  readonly lock: string
  readonly directory: string
}

async function obstruct(lab: Lab, title: string, make: (place: Place) => void, maxSeconds: number): Promise<void> {
  const { report } = lab
  await withAwsHome(lab, async (aws, home) => {
    const place = await findLock(home, aws.reset)
    make(place)
    const result = await home.run(['--profile', 'role'])
    report.count('obstacles')
    report.max('longest (s)', result.seconds)
    report.expect(result.code === 0 && result.stderr === '', `${title}: the run fails`, result)
    if (result.code === 0) report.expect(signerOf(result) === SIGNER, `${title}: signed by`, signerOf(result))
    report.expect(result.seconds < maxSeconds, `${title}: waits too long`, `${result.seconds} s`)
  })
}

/** The lock of the role profile; its name is a hash. The cache is empty afterwards. */
async function findLock(home: AwsHome, reset: (behavior: object) => void): Promise<Place> {
  const directory = join(home.folder, '.cache', 'eks-get-token', 'locks')
  reset({ delayMs: { sts: 1000 } })
  const running = home.run(['--profile', 'role'])
  let name: string | undefined
  for (let waited = 0; name === undefined && waited < 20_000; waited += 20) {
    await sleep(20)
    try {
      name = readdirSync(directory).find((file) => file.endsWith('.lock'))
    } catch {
      // It is not created yet.
    }
  }
  await running
  if (name === undefined) throw new Error('no lock was created')
  for (const file of home.files().keys()) if (file.startsWith('.aws/cli/')) rmSync(join(home.folder, file))
  reset({})
  return { directory, lock: join(directory, name) }
}

/** The deadline holds, whatever happens to the lock. */
async function renewedForEver(lab: Lab): Promise<void> {
  await withAwsHome(lab, async (aws, home) => {
    const { lock } = await findLock(home, aws.reset)
    let renewals = 0
    const renew = (): void => writeFileSync(lock, foreignLock(renewals++), { mode: 0o600 })
    renew()
    const timer = setInterval(renew, 300)
    const result = await home.run(['--profile', 'role', '--timeout', '8'])
    clearInterval(timer)
    const isTimeout = result.code === 255 && result.stdout === '' && result.stderr.includes('(ERR_TIMEOUT)')
    lab.report.count('locks that are renewed for ever')
    lab.report.expect(isTimeout && result.seconds < 12, 'a lock that is renewed for ever', result)
  })
}

/** The modification time jumps back and forth: only the content says that the lock is renewed. */
async function releasedInTheEnd(lab: Lab): Promise<void> {
  await withAwsHome(lab, async (aws, home) => {
    const { lock } = await findLock(home, aws.reset)
    let renewals = 0
    const renew = (): void => {
      writeFileSync(lock, foreignLock(renewals++), { mode: 0o600 })
      const date = new Date(renewals % 2 === 0 ? 0 : '2100-01-01')
      utimesSync(lock, date, date)
    }
    renew()
    const timer = setInterval(renew, 300)
    const running = home.run(['--profile', 'role'])
    await sleep(8000)
    clearInterval(timer)
    lab.report.expect(aws.calls.length === 0, 'a lock with jumping times is not respected', aws.calls)
    rmSync(lock)
    const result = await running
    lab.report.count('locks with jumping times')
    lab.report.expect(result.code === 0 && signerOf(result) === SIGNER, 'a lock with jumping times', result)
  })
}
