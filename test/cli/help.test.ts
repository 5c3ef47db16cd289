import { describe, expect, test } from 'vitest'
import { SUMMARIES } from '../../src/cli/commands/summaries.ts'
import { run } from '../../src/cli/program.ts'
import { ERRORS } from '../../src/errors.ts'
import { runtimeWith } from '../support/runtime.ts'

/** The help as it is on a terminal of this width; undefined: not a terminal. */
async function helpAt(columns: number | undefined, command: string): Promise<string> {
  let out = ''
  const terminal = {
    out: (text: string) => {
      out += text
    },
    err: () => {},
    stdin: () => ({ isTerminal: true, input: process.stdin }),
    stdout: () => ({ isTerminal: columns !== undefined, columns }),
    stderr: () => ({ isTerminal: false, columns: undefined }),
  }
  await run([...(command === '' ? [] : [command]), '--help'], runtimeWith(), terminal)
  return out
}

const COMMANDS = ['', ...Object.keys(SUMMARIES)]
const wordsOf = (text: string) =>
  text
    .replace(/ \\\n/g, ' ')
    .replace(/\n\s+# /g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '#')

describe.each(COMMANDS)('the help of %j', (command) => {
  test.each([[60], [80], [100], [undefined]])(
    'fits a terminal of %s columns, without a broken word',
    async (columns) => {
      const wide = await helpAt(1000, command)
      const text = await helpAt(columns, command)
      // The first line is the syntax, which commander does not wrap.
      const tooLong = text
        .split('\n')
        .slice(2)
        .filter((line) => line.length > (columns ?? 80))
      expect(tooLong).toEqual([])
      expect(wordsOf(text)).toEqual(wordsOf(wide))
    },
  )
  test('lists all of its exit codes', async () => {
    const text = await helpAt(80, command)
    const listed = [...text.slice(text.indexOf('Exit codes:')).matchAll(/^ {2}(\d+) {2,}\S/gm)].map(([, code]) =>
      Number(code),
    )
    const codes = new Set([0, ...Object.values(ERRORS).map(({ exitCode }) => exitCode)])
    expect(listed).toEqual(expect.arrayContaining([...codes]))
    expect(listed.includes(1)).toBe(/^(|inspect|verify|doctor)$/.test(command))
  })
})

test.each([0, undefined])('a width of %s is taken as 80 columns', async (columns) => {
  expect(await helpAt(columns, '')).toBe(await helpAt(80, ''))
})
