import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseElf } from '../../build/elf.mjs'
import { eksGetToken, runCommand } from '../support/command.ts'
import { findProgram } from '../support/programs.ts'
import { HOW_TO_RECORD, hashOf, IS_RECORDING, openRecording } from '../support/recording.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/**
 * Whole stdout against the real AWS CLI at a frozen second, which is recorded: it takes a second of CPU time to start. The AWS
 * CLI may be v1: json, text and table are the same in both. What differs (yaml, exit codes, AWS_REGION) is decided by the
 * recorded cases.
 */
const home = mkdtempSync(join(tmpdir(), 'eks-get-token-aws-'))
const AWS = findProgram('aws')
const FAKETIME = findProgram('faketime')
const reason =
  [AWS ? '' : 'aws is not on PATH', FAKETIME ? '' : 'faketime is not on PATH', AWS ? tooOld(AWS) : '', staticProgram()]
    .filter((text) => text !== '')
    .join(', ') || undefined
const recording = openRecording<{ stdout: string }>('aws-cli')

afterAll(() => {
  rmSync(home, { recursive: true, force: true })
  recording.save(() => versionOf(AWS ?? ''), ROWS.map(titleOf))
})

const EXEC_V1 = { KUBERNETES_EXEC_INFO: '{"apiVersion":"client.authentication.k8s.io/v1"}' }
const SESSION = { AWS_SESSION_TOKEN: 'FwoGZXIvYXdzE//+=/ab c%20==' }
const FORMATS = ['json', 'text', 'table']
const QUERIES = [
  '',
  'status.token',
  'status',
  '[kind,apiVersion]',
  '{a:kind,b:status}',
  'nothing',
  'length(status.token)',
  '*.token',
]
const ROWS: [string[], Record<string, string>][] = [
  ...FORMATS.flatMap((format) =>
    QUERIES.map((query): [string[], Record<string, string>] => [
      ['--region', 'eu-west-1', '--output', format, ...(query ? ['--query', query] : [])],
      query === 'status' ? SESSION : {},
    ]),
  ),
  ...FORMATS.map((format): [string[], Record<string, string>] => [['--output', format], { ...EXEC_V1, ...SESSION }]),
  ...FORMATS.map((format): [string[], Record<string, string>] => [
    [],
    { AWS_DEFAULT_OUTPUT: format, AWS_DEFAULT_REGION: 'cn-north-1' },
  ]),
  [['--output', 'table', '--color', 'on'], {}],
  [['--output', 'table', '--color', 'on', '--query', 'status'], SESSION],
  [['--region', 'us-gov-west-1'], EXEC_V1],
  [['--region', 'us-east-1'], { AWS_USE_FIPS_ENDPOINT: 'true' }],
  [['--region', 'us-east-1'], { AWS_ENDPOINT_URL_STS: 'http://localhost:4566/x/' }],
  [['--role=', '--region', 'us-east-1', '--no-sign-request'].slice(1), {}],
]

const titleOf = ([options, env]: (typeof ROWS)[number]) => JSON.stringify([options, env])
const SECOND = '2026-01-02 03:04:05'
const ENVIRONMENT = { TZ: 'UTC', LANG: 'C.UTF-8', AWS_EC2_METADATA_DISABLED: 'true', ...keys('AKIDEXAMPLE') }
const ARGS = ['eks', 'get-token', '--cluster-name', 'my cluster']
const hashOfRow = ([options, env]: (typeof ROWS)[number]) =>
  hashOf([SECOND, ...ARGS, ...options, { ...ENVIRONMENT, ...env }])

test('there are enough rows', () => expect(ROWS.length).toBeGreaterThanOrEqual(30))

test('what the AWS CLI prints is recorded for each row, and for no other', skipUnlessAvailable(IS_RECORDING), () => {
  const hashes = Object.fromEntries(ROWS.map((row) => [titleOf(row), hashOfRow(row)]))
  expect(recording.hashes, HOW_TO_RECORD).toEqual(hashes)
})

describe.concurrent('the real AWS CLI prints the same', skipUnlessAvailable(reason), () => {
  test.each(ROWS)(
    '%j %o',
    async (options, env) => {
      const frozen = (words: readonly string[]) =>
        runCommand([FAKETIME as string, '-f', SECOND, ...words, ...ARGS, ...options], {
          env: { PATH: '/usr/bin:/bin', HOME: home, ...ENVIRONMENT, ...env },
          cwd: home,
          timeoutMs: 60_000,
        })
      const row: (typeof ROWS)[number] = [options, env]
      const entry = {
        title: titleOf(row),
        index: ROWS.findIndex((other) => titleOf(other) === titleOf(row)),
        hash: hashOfRow(row),
      }
      const [theirs, ours] = await Promise.all([
        recording.answerTo(entry) ?? frozen([AWS as string]),
        frozen(eksGetToken()),
      ])
      recording.note(entry, { stdout: theirs.stdout })
      expect(ours).toMatchObject({ code: 0, stderr: '' })
      expect(ours.stdout).toBe(theirs.stdout)
    },
    90_000,
  )
})

function versionOf(aws: string): string {
  const { stdout } = spawnSync(aws, ['--version'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: home } })
  return /^\S+/.exec(stdout ?? '')?.[0] ?? ''
}

/** Before 2.9.20 and 1.27.57 get-token knew one format only. */
function tooOld(aws: string): string {
  const version = /^aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(versionOf(aws))
  if (!version) return `${aws} does not run`
  const [major = 0, minor = 0, patch = 0] = version.slice(1).map(Number)
  const isOld = major === 1 ? minor < 27 || (minor === 27 && patch < 57) : minor < 9 || (minor === 9 && patch < 20)
  return isOld ? `aws ${version[0]} has one output format only` : ''
}

/** The front has no loader that would load the library of faketime. */
function staticProgram(): string {
  const file = readFileSync(eksGetToken()[0])
  const isElf = file.toString('latin1', 0, 4) === '\x7fELF'
  return isElf && parseElf(file).loader === undefined ? 'faketime does not reach a static executable' : ''
}
