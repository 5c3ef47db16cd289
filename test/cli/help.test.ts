import { describe, expect, test } from 'vitest'
import { SUMMARIES } from '../../src/cli/commands/summaries.ts'
import { run } from '../../src/cli/program.ts'
import { recordingTerminal } from '../support/recording-terminal.ts'
import { runtimeWith } from '../support/runtime.ts'

/** The help as it is on a terminal of this width; undefined: not a terminal. */
async function helpAt(columns: number | undefined, command: string, platform = 'linux'): Promise<string> {
  const { terminal, written } = recordingTerminal(columns)
  await run([...(command === '' ? [] : [command]), '--help'], runtimeWith({ platform }), terminal)
  return written.out
}

const COMMANDS = ['', ...Object.keys(SUMMARIES)]
/** Beside 0, 130, 252 and 255, which every command returns; exit-codes.test.ts makes the commands return them. */
const EXIT_CODES: Readonly<Record<string, readonly number[]>> = {
  '': [1, 253, 254],
  'update-kubeconfig': [253, 254],
  inspect: [1, 253, 254],
  verify: [1, 253, 254],
  doctor: [1],
  login: [1, 253, 254],
  logout: [253],
}
const wordsOf = (text: string) =>
  text
    .replace(/ \\\n/g, ' ')
    .replace(/\n\s+# /g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '#')

describe.each(COMMANDS)('the help of %j', (command) => {
  test.each([[40], [50], [59], [60], [80], [100], [200], [undefined]])(
    'fits a terminal of %s columns, without a broken word',
    async (columns) => {
      const wide = await helpAt(1000, command)
      const text = await helpAt(columns, command)
      // A path or an ARN is not broken.
      const isBreakable = (line: string) => line.trim().replace(/ \\$/, '').includes(' ')
      const tooLong = text.split('\n').filter((line) => line.length > Math.min(columns ?? 80, 100) && isBreakable(line))
      expect(tooLong).toEqual([])
      expect(wordsOf(text)).toEqual(wordsOf(wide))
    },
  )
  test('on Windows has each example on one line, which cmd.exe and PowerShell can run', async () => {
    const examples = (text: string) => text.slice(text.indexOf('Examples:'), text.indexOf('Exit codes:'))
    const text = examples(await helpAt(60, command, 'win32'))
    expect(text).toContain('\n  eks-get-token ')
    expect(text).not.toMatch(/[\\|]$/m)
    expect(wordsOf(text)).toEqual(wordsOf(examples(await helpAt(60, command))))
  })
  test('lists the exit codes that it can return, and no other', async () => {
    const text = await helpAt(80, command)
    const codes = [...text.slice(text.indexOf('Exit codes:')).matchAll(/^ {2}(\d+) {2,}\S/gm)].map(([, code]) =>
      Number(code),
    )
    expect(codes).toEqual([...(EXIT_CODES[command] ?? []), 0, 130, 252, 255].sort((x, y) => x - y))
  })
})

test.each([0, undefined, Number.NaN])('a width of %s is taken as 80 columns', async (columns) => {
  expect(await helpAt(columns, '')).toBe(await helpAt(80, ''))
})

test.each([1, 20, 39])('a width of %s is taken as 40 columns', async (columns) => {
  expect(await helpAt(columns, 'doctor')).toBe(await helpAt(40, 'doctor'))
})

test('lines are at most 100 columns wide', async () => {
  expect(await helpAt(200, 'doctor')).toBe(await helpAt(100, 'doctor'))
})
