import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { type AwsHome, signerOf, testWithAwsHome as test } from '../support/aws-home.ts'
import { eventually } from '../support/eventually.ts'
import type { LocalAws } from '../support/local-aws.ts'

// The locks of real processes. The tests run concurrently, because they mostly wait for locks to become stale.

describe.concurrent('locks', { timeout: 60_000 }, () => {
  const operations = (aws: LocalAws) => aws.calls.map(({ op }) => op).sort()
  const together = (home: AwsHome, args: readonly string[], count: number) =>
    Promise.all(Array.from({ length: count }, () => home.run(args)))
  const lockOf = (home: AwsHome) => {
    const directory = join(home.folder, '.cache', 'eks-get-token', 'locks')
    const [name] = readdirSync(directory).filter((file) => file.endsWith('.lock'))
    return name === undefined ? undefined : join(directory, name)
  }

  test('are private files in the cache directory with host and process id, and are removed afterwards', async ({
    aws,
    home,
    expect,
  }) => {
    aws.reset({ delayMs: { sts: 1500 } })
    const running = home.run(['--profile', 'role'])
    await eventually(() => operations(aws).length === 1)
    const lock = lockOf(home) ?? ''
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ host: expect.any(String), pid: expect.any(Number) })
    expect([statSync(lock).mode & 0o777, statSync(join(lock, '..')).mode & 0o777]).toEqual([0o600, 0o700])
    expect((await running).code).toBe(0)
    expect(lockOf(home)).toBeUndefined()
    expect([...home.files().keys()].filter((file) => /\.aws\/.*(lock|tmp)/.test(file))).toEqual([])
  })

  test('the lock holder is killed: one of twenty waiting processes takes over', async ({ aws, home, expect }) => {
    // Longer than 20 processes need to start on a busy machine.
    aws.reset({ delayMs: { sts: 5000 } })
    const holder = home.start(['--profile', 'role'])
    await eventually(() => operations(aws).length === 1)
    const waiting = together(home, ['--profile', 'role'], 20)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    holder.kill('SIGKILL')
    const results = await waiting
    expect(results.filter(({ code }) => code !== 0)).toEqual([])
    expect(operations(aws)).toEqual(['AssumeRole', 'AssumeRole'])
  })

  test('the lock holder is stopped: another process takes over after some seconds', async ({ aws, home, expect }) => {
    aws.reset({ delayMs: { sts: 1000 } })
    const holder = home.start(['--profile', 'role'])
    await eventually(() => operations(aws).length === 1)
    holder.kill('SIGSTOP')
    const result = await home.run(['--profile', 'role'])
    holder.kill('SIGKILL')
    expect([result.code, signerOf(result)]).toEqual([0, 'ASIAROLEA00000000000'])
    expect(result.seconds).toBeGreaterThan(4)
    expect(result.seconds).toBeLessThan(12)
  })

  test.for<[string, (file: string) => void]>([
    ['garbage', (file: string) => writeFileSync(file, '\u0000null')],
    ['null', (file: string) => writeFileSync(file, 'null')],
    ['a directory', (file: string) => mkdirSync(file)],
    ['the lock of a process that has ended', (file: string) => writeFileSync(file, '{"host":"elsewhere","pid":1}')],
  ])('%s in place of the lock delays no process for long', async ([_title, make], { aws, home, expect }) => {
    aws.reset({ delayMs: { sts: 1200 } })
    const running = home.run(['--profile', 'role'])
    await eventually(() => operations(aws).length === 1)
    const lock = lockOf(home) ?? ''
    await running
    for (const file of home.files().keys()) if (file.startsWith('.aws/cli')) home.write(file, '{}')
    make(lock)
    const results = await together(home, ['--profile', 'role'], 3)
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(Math.max(...results.map(({ seconds }) => seconds))).toBeLessThan(15)
  })

  test('without a cache directory each process fetches the credentials', async ({ aws, home, expect }) => {
    aws.reset()
    home.write('.cache', 'a file')
    const results = await together(home, ['--profile', 'role'], 3)
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
  })
})
