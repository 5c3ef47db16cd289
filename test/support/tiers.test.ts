import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { sortTests } from './tiers.ts'

test('a test file that starts a process, itself or through another module, is not a unit test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-tiers-'))
  const files = {
    'start.ts': "import { spawn } from 'node:child_process'\nimport './circle.ts'\n",
    'circle.ts': "import { x } from './start.ts'\n",
    'load.ts': "import {\n  createRequire,\n} from 'node:module'\n",
    'pure.ts': "import type { ChildProcess } from 'node:child_process'\nimport type { X } from './start.ts'\n",
    'a.test.ts': "import { x } from './start.ts'\n",
    'b.test.ts': "export * from './circle.ts'\n",
    'c.test.ts': "import { x } from './pure.ts'\nimport { y } from '../src/y.ts'\n",
    'd.test.ts': "import {\n  execFileSync,\n  spawn,\n} from 'node:child_process'\n",
    'e.test.ts': "import { x } from './load.ts'\n",
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const { unit, program } = sortTests(folder)
  rmSync(folder, { recursive: true, force: true })
  expect(unit.map((file) => basename(file))).toEqual(['c.test.ts'])
  expect(program.map((file) => basename(file))).toEqual(['a.test.ts', 'b.test.ts', 'd.test.ts', 'e.test.ts'])
})
