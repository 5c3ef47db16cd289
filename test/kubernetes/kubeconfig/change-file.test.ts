import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { field } from '../../../src/json.ts'
import { changeFile } from '../../../src/kubernetes/kubeconfig/change-file.ts'
import { editSource } from '../../../src/kubernetes/kubeconfig/edit.ts'
import { type KubeconfigFile, readKubeconfigFile } from '../../../src/kubernetes/kubeconfig/target.ts'
import { processRuntime } from '../../../src/runtime.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eks-get-token-change-'))
  path = join(directory, 'config')
  writeFileSync(path, 'kind: Config\n')
  return () => rmSync(directory, { recursive: true, force: true })
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
  await withoutWaiting(() => changeFile(planned, { plan, isKept, afterWrite }, processRuntime()))
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
  await withoutWaiting(() => changeFile(planned, { plan, isKept, afterWrite }, processRuntime()))
  expect(writes).toBe(10)
})

test('a change of another process between reading and writing stays', async () => {
  const planned = plan(readKubeconfigFile(path))
  writeFileSync(path, '# new\nkind: Config\n')
  await withoutWaiting(() => changeFile(planned, { plan, isKept }, processRuntime()))
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
  await withoutWaiting(() => changeFile(planned, { plan, isKept, afterWrite }, processRuntime()))
  expect(readFileSync(path, 'utf8')).toBe('kind: Config\nother: x\nadded: x\n')
})
