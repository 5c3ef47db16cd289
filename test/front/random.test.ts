import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { skipUnlessAvailable } from '../support/skip.ts'
import { missingForFront } from './front.ts'

describe('the front alone', skipUnlessAvailable(missingForFront()), () => {
  // Always the same settings: a change that fails here is one that has broken something.
  test('prints the bytes of the npm command with 50 random settings, or says that it needs the full program', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../proof/run.mjs'), '--count', '50', '--seed', '1', 'random'],
      { encoding: 'utf8', timeout: 580_000 },
    )
    expect([status, stderr, stdout]).toEqual([0, '', expect.stringContaining('random: 0 problems')])
  }, 600_000)
})
