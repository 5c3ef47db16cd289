import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERRORS } from '../src/errors.ts'

const here = new URL('./', import.meta.url)
/** Tests of what runs print and throw; others only list the codes. */
const LISTS = ['error-codes.test.ts', 'readme.test.ts', 'library/api.test.ts']
const TESTS = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts') && !LISTS.includes(file))
  .map((file) => readFileSync(new URL(file, here), 'utf8'))

/** The handler of the signal ends the process first, with the exit code 130, which is tested; a terminal without signals is not. */
const NOT_PRODUCED = ['ERR_INTERRUPTED']

test.each(Object.keys(ERRORS).filter((code) => !NOT_PRODUCED.includes(code)))('%s is produced by a test', (code) => {
  const expected = new RegExp(`\\b${code}\\b`)
  expect(TESTS.filter((text) => expected.test(text)).length).toBeGreaterThan(0)
})
