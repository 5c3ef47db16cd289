import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { beforeEach, describe, expect, test } from 'vitest'
import { removeStaleLock, withKubeconfigLock } from '../../../src/kubernetes/kubeconfig/lock.ts'
import { processRuntime } from '../../../src/runtime.ts'
import { runCommand } from '../../support/command.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eks-get-token-lock-'))
  path = join(directory, 'config')
  return () => rmSync(directory, { recursive: true, force: true })
})

/** No process has this id. */
const DEAD = '4194305\n'

describe('what killed processes have left', () => {
  test.each([
    ['a lock', ['config.lock']],
    ['a lock, and the file that was to replace it', ['config.lock', 'config.lock.next']],
    ['and the one that was to replace that', ['config.lock', 'config.lock.next', 'config.lock.next.next']],
    ['only the file beside the lock', ['config.lock.next']],
  ])('%s: is taken over and removed', async (_, names) => {
    for (const name of names) writeFileSync(join(directory, name), DEAD, { mode: 0o600 })
    const inside = await withKubeconfigLock(path, () => readdirSync(directory), processRuntime())
    expect(inside).toEqual(['config.lock'])
    expect(readdirSync(directory)).toEqual([])
  })

  test.each([['4194305'], ['4194305\nsome-ho']])(
    'a lock that was written in part (%j) is taken over after a while',
    async (text) => {
      writeFileSync(`${path}.lock`, text, { mode: 0o600 })
      const later = { ...processRuntime(), now: () => new Date(Date.now() + 10_000) }
      expect(await withKubeconfigLock(path, () => 'done', later)).toBe('done')
      expect(readdirSync(directory)).toEqual([])
    },
  )

  test('a stale lock is removed without a task; that of a running process is not', () => {
    writeFileSync(`${path}.lock`, DEAD, { mode: 0o600 })
    removeStaleLock(path, processRuntime())
    expect(readdirSync(directory)).toEqual([])
    writeFileSync(`${path}.lock`, `${process.pid}\n`, { mode: 0o600 })
    removeStaleLock(path, processRuntime())
    expect(readdirSync(directory)).toEqual(['config.lock'])
  })
})

// Each process creates what killed ones leave, wherever that is not there, and acquires the lock.
const WORKER = `
const { openSync, closeSync, writeFileSync, unlinkSync } = require('node:fs')
const { withKubeconfigLock } = require(process.argv[2])
const path = process.argv[3]
const rounds = Number(process.argv[4])
const runtime = {
  processHost: {
    processId: process.pid,
    hostId: () => 'host',
    isRunning: (pid) => { try { return process.kill(pid, 0) } catch { return false } },
  },
  now: () => new Date(),
  trace: () => {},
}
const leave = (file) => {
  try { writeFileSync(file, '4194305\\nhost\\n', { flag: 'wx', mode: 0o600 }) } catch {}
}
async function run() {
  let violations = 0
  for (let round = 0; round < rounds; round++) {
    leave(path + '.lock.next')
    leave(path + '.lock')
    await withKubeconfigLock(path, () => {
      try { closeSync(openSync(path + '.inside', 'wx')) } catch { violations++; return }
      // Others are given the time to find the lock, and to do the wrong thing.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
      unlinkSync(path + '.inside')
    }, runtime)
  }
  console.log(violations)
}
run().catch((error) => { console.error(error); process.exitCode = 1 })
`

test('of many processes that take over stale locks one at a time is inside', { timeout: 120_000 }, async () => {
  const bundle = join(directory, 'lock.cjs')
  const worker = join(directory, 'worker.cjs')
  buildSync({
    entryPoints: [fileURLToPath(new URL('../../../src/kubernetes/kubeconfig/lock.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  })
  writeFileSync(worker, WORKER)
  const words = [process.execPath, worker, bundle, path, '25'] as const
  const env = { PATH: '/usr/bin:/bin' }
  const results = await Promise.all(
    Array.from({ length: 8 }, () => runCommand(words, { env, cwd: directory, timeoutMs: 100_000 })),
  )
  expect(results.map(({ stdout, stderr }) => [stdout, stderr])).toEqual(results.map(() => ['0\n', '']))
  await withKubeconfigLock(path, () => {}, processRuntime())
  expect(readdirSync(directory).sort()).toEqual(['lock.cjs', 'worker.cjs'])
})
