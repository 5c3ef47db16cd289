import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { lockFile } from '../../../src/credentials/cache/paths.ts'
import { field } from '../../../src/json.ts'
import { changeFile, removeLeftovers } from '../../../src/kubernetes/kubeconfig/change-file.ts'
import { editSource } from '../../../src/kubernetes/kubeconfig/edit.ts'
import { type KubeconfigFile, readKubeconfigFile } from '../../../src/kubernetes/kubeconfig/target.ts'
import { processRuntime, type Runtime } from '../../../src/runtime.ts'

let home: string
let directory: string
let path: string
let runtime: Runtime
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-change-'))
  directory = join(home, '.kube')
  path = join(directory, 'config')
  runtime = { ...processRuntime(), env: { XDG_CACHE_HOME: join(home, 'cache') } }
  mkdirSync(directory)
  writeFileSync(path, 'kind: Config\n')
  return () => rmSync(home, { recursive: true, force: true })
})

/** Timers that elapse at once. */
async function withoutWaiting<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers()
  try {
    const result = work()
    let isDone = false
    const done = () => {
      isDone = true
    }
    result.then(done, done)
    while (!isDone) await vi.advanceTimersByTimeAsync(10)
    return await result
  } finally {
    vi.useRealTimers()
  }
}

const plan = (file: KubeconfigFile) => ({ file, text: editSource(file.source, { ...file.config, added: 'x' }) })
const isKept = ({ config }: KubeconfigFile) => field(config, 'added') === 'x'

test('what another process removes a moment after the write is written again', async () => {
  let writes = 0
  const afterWrite = () => {
    // As `kubectl config` does that has read the file before.
    if (++writes < 3) setTimeout(() => writeFileSync(path, `kind: Config\nother: '${writes}'\n`), 1)
  }
  const planned = plan(readKubeconfigFile(path))
  await withoutWaiting(() => changeFile(planned, { plan, isKept, afterWrite }, runtime))
  expect(readFileSync(path, 'utf8')).toBe("kind: Config\nother: '2'\nadded: x\n")
  expect(writes).toBe(3)
  expect(readdirSync(directory)).toEqual(['config'])
})

test('a process that removes it again and again does not keep the program from its end', async () => {
  let writes = 0
  const afterWrite = () => {
    if (++writes < 10) setTimeout(() => writeFileSync(path, 'kind: Config\n'), 1)
  }
  const planned = plan(readKubeconfigFile(path))
  await withoutWaiting(() => changeFile(planned, { plan, isKept, afterWrite }, runtime))
  expect(writes).toBe(10)
})

test('a change of another process between reading and writing stays', async () => {
  const planned = plan(readKubeconfigFile(path))
  writeFileSync(path, '# new\nkind: Config\n')
  await withoutWaiting(() => changeFile(planned, { plan, isKept }, runtime))
  expect(readFileSync(path, 'utf8')).toBe('# new\nkind: Config\nadded: x\n')
})

test.each([
  ['nothing else changes the file', 40, () => {}],
  ['another process has changed the file before', 900, () => writeFileSync(path, '# new\nkind: Config\n')],
])('kubectl that has read the file before is noticed this late: %s', async (_when, delayMs, beside) => {
  const planned = plan(readKubeconfigFile(path))
  beside()
  let writes = 0
  const afterWrite = () => {
    if (++writes === 1) setTimeout(() => writeFileSync(path, 'kind: Config\nother: x\n'), delayMs)
  }
  await withoutWaiting(() => changeFile(planned, { plan, isKept, afterWrite }, runtime))
  expect(readFileSync(path, 'utf8')).toBe('kind: Config\nother: x\nadded: x\n')
})

test('changes at the same time are made one after the other, each for what the one before has written', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `added-${index}`)
  let edits = 0
  const change = (name: string) => ({
    plan: (file: KubeconfigFile) => {
      edits++
      return { file, text: editSource(file.source, { ...file.config, [name]: 'x' }) }
    },
    isKept: ({ config }: KubeconfigFile) => field(config, name) === 'x',
  })
  const file = readKubeconfigFile(path)
  await withoutWaiting(() =>
    Promise.all(names.map((name) => changeFile(change(name).plan(file), change(name), runtime))),
  )
  expect(Object.keys(parse(readFileSync(path, 'utf8')))).toEqual(expect.arrayContaining(['kind', ...names]))
  expect(edits).toBeLessThanOrEqual(2 * names.length)
  expect(readdirSync(directory)).toEqual(['config'])
  expect(readdirSync(join(home, 'cache', 'eks-get-token', 'locks'))).toEqual([])
})

test('what a killed process has left of its turn is removed, where there is nothing to write', () => {
  const lock = lockFile(path, runtime) as string
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 })
  const ended = { host: runtime.processHost.hostId(), pid: 2 ** 22 + 1, nonce: 1 }
  writeFileSync(lock, JSON.stringify(ended))
  removeLeftovers(path, runtime)
  expect(existsSync(lock)).toBe(false)
  writeFileSync(lock, JSON.stringify({ ...ended, pid: process.pid }))
  removeLeftovers(path, runtime)
  expect(existsSync(lock)).toBe(true)
})
