import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
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

const plan = (file: KubeconfigFile) => ({ file, text: editSource(file.source, { ...file.config, added: 'x' }) })
const isKept = ({ config }: KubeconfigFile) => field(config, 'added') === 'x'

test('what another process removes a moment after the write is written again', async () => {
  let writes = 0
  const afterWrite = () => {
    // As `kubectl config` does that has read the file before.
    if (++writes < 3) setTimeout(() => writeFileSync(path, `kind: Config\nother: '${writes}'\n`), 1)
  }
  await changeFile(plan(readKubeconfigFile(path)), { plan, isKept, afterWrite }, processRuntime())
  expect(readFileSync(path, 'utf8')).toBe("kind: Config\nother: '2'\nadded: x\n")
  expect(writes).toBe(3)
  expect(readdirSync(directory)).toEqual(['config'])
})

test('a process that removes it again and again does not keep the program from its end', async () => {
  let writes = 0
  const afterWrite = () => {
    if (++writes < 10) setTimeout(() => writeFileSync(path, 'kind: Config\n'), 1)
  }
  await changeFile(plan(readKubeconfigFile(path)), { plan, isKept, afterWrite }, processRuntime())
  expect(writes).toBe(10)
})

test('a change of another process between reading and writing stays', async () => {
  const planned = plan(readKubeconfigFile(path))
  writeFileSync(path, '# new\nkind: Config\n')
  await changeFile(planned, { plan, isKept }, processRuntime())
  expect(readFileSync(path, 'utf8')).toBe('# new\nkind: Config\nadded: x\n')
})
