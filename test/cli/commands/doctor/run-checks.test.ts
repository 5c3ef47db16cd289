import { describe, expect, test } from 'vitest'
import { CHECKS } from '../../../../src/cli/commands/doctor/checks.ts'
import { type Check, type DoctorContext, defineCheck, fail, ok } from '../../../../src/cli/commands/doctor/context.ts'
import { renderResult, renderSummary, toDoctorJson } from '../../../../src/cli/commands/doctor/report.ts'
import { type CheckResult, runChecks } from '../../../../src/cli/commands/doctor/run-checks.ts'
import type { TextStyle } from '../../../../src/cli/style.ts'
import { EksTokenError } from '../../../../src/errors.ts'
import { startDeadline } from '../../../../src/net/deadline.ts'

const CONTEXT = { deadline: startDeadline(0, () => new Date(0)) } as DoctorContext
const STYLE: TextStyle = { width: 60, bold: (text) => text, dim: (text) => text, colorize: (_, text) => text }

const finder = defineCheck({ id: 'finder', needs: [], remedy: '', run: () => ok('found', { commandPath: '/bin/aws' }) })
const user = defineCheck({
  id: 'user',
  waitsFor: 'STS',
  needs: ['commandPath'],
  remedy: 'install it',
  run: ({ commandPath }) => fail(`bad: ${commandPath}`),
})
const thrower = defineCheck({
  id: 'thrower',
  needs: [],
  remedy: 'the default',
  run: () => {
    throw new EksTokenError('ERR_PROFILE', 'no such profile', { remedy: 'create it' })
  },
})

async function run(...checks: Check[]) {
  const events: string[] = []
  const checkRun = await runChecks(checks, CONTEXT, {
    onStart: (waitsFor) => events.push(`waiting for ${waitsFor}`),
    onResult: ({ id }) => events.push(id),
  })
  return { checkRun, events }
}

describe('the runner', () => {
  test('passes what a check found to the next one', async () => {
    const { checkRun, events } = await run(finder, user)
    expect(checkRun.results.at(-1)).toEqual({
      id: 'user',
      status: 'fail',
      message: 'bad: /bin/aws',
      remedy: 'install it',
    })
    expect(events).toEqual(['finder', 'waiting for STS', 'user'])
  })
  test('skips a check whose needs were not found', async () => {
    const { checkRun } = await run(user)
    expect([checkRun.results, checkRun.skipped]).toEqual([[], ['user']])
  })
  test('reports an expected error as a failed check, with the remedy of the error', async () => {
    const { checkRun } = await run(thrower)
    expect(checkRun.results).toEqual([
      { id: 'thrower', status: 'fail', message: 'no such profile (ERR_PROFILE)', remedy: 'create it' },
    ])
  })
  test('does not hide a programming error', async () => {
    const bug = defineCheck({
      id: 'bug',
      needs: [],
      remedy: '',
      run: () => {
        throw new TypeError('x')
      },
    })
    await expect(run(bug)).rejects.toThrow(TypeError)
  })
  test('removes control characters from messages', async () => {
    const { checkRun } = await run(defineCheck({ id: 'x', needs: [], remedy: '', run: () => ok('a\x1b[31mb') }))
    expect(checkRun.results[0]?.message).toBe('a [31mb')
  })
})

test('the ids of the checks are unique', () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
})

describe('the report', () => {
  const result = (status: CheckResult['status'], id = 'clock'): CheckResult => ({
    id,
    status,
    message: 'm',
    remedy: status === 'ok' ? undefined : 'do it',
  })
  test.each<[CheckResult['status'][], string[], string]>([
    [['ok'], [], '\nAll checks passed.\n'],
    [['ok', 'warn'], [], '\n1 warning; start with clock.\n'],
    [['warn', 'warn'], [], '\n2 warnings; start with clock.\n'],
    [
      ['fail', 'warn'],
      ['token'],
      '\nSkipped because of the results above: token.\n1 failed, 1 warning; start with clock.\n',
    ],
  ])('of %j with %j skipped ends with a verdict', (statuses, skipped, text) => {
    const results = statuses.map((status) => result(status))
    expect(renderSummary({ results, skipped, found: {} }, STYLE)).toBe(text)
  })
  test('has a hint below a failed check', () => {
    expect(renderResult(result('fail'), STYLE)).toBe(`  FAIL  clock        m\n${' '.repeat(21)}hint: do it\n`)
  })
  test('as JSON has the worst status', () => {
    const json = toDoctorJson({ results: [result('warn'), result('fail')], skipped: ['x'], found: {} })
    expect(json).toMatchObject({ context: null, status: 'fail', notChecked: ['x'] })
  })
})
