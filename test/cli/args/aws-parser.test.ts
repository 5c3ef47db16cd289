import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../chaos/random.ts'
import { compareLists } from '../../support/argument-lists.ts'
import { AWS_PYTHON_MISSING, findAwsPython, readWithAws } from '../../support/aws-arguments.ts'
import { skipUnlessAvailable } from '../../support/skip.ts'

// `.ci/proof arguments` compares 20,000.
const LISTS = 500

const python = findAwsPython()

describe('random argument lists', skipUnlessAvailable(python ? undefined : AWS_PYTHON_MISSING), () => {
  test('are read as by the parser of the AWS CLI', async () => {
    const home = mkdtempSync(join(tmpdir(), 'eks-get-token-arguments-'))
    try {
      const { accepted, rejected, explained, differences } = await compareLists(
        createRandom(20_261_126),
        LISTS,
        home,
        (lists) => (python ? readWithAws(python, home, lists) : []),
      )
      expect(differences).toEqual([])
      expect(accepted).toBeGreaterThan(LISTS / 4)
      expect(rejected).toBeGreaterThan(LISTS / 4)
      expect(explained).not.toEqual({})
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
