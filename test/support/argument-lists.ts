import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../chaos/random.ts'
import { applyOptions } from '../../src/cli/args/apply-options.ts'
import { parseAwsArguments } from '../../src/cli/args/aws-arguments.ts'
import type { OptionSpec } from '../../src/cli/args/option.ts'
import { OPTIONS } from '../../src/cli/args/options.ts'
import { readParameterFile } from '../../src/cli/args/parameter-values.ts'
import { parseUpdateArguments } from '../../src/cli/commands/update-kubeconfig/arguments.ts'
import { UPDATE_OPTIONS } from '../../src/cli/commands/update-kubeconfig/options.ts'
import { compileQuery } from '../../src/cli/output-mode.ts'
import { isEksTokenError } from '../../src/errors.ts'
import { processRuntime, type Runtime } from '../../src/runtime.ts'
import type { AwsReading } from './aws-arguments.ts'

/** How a list differs from the AWS CLI, for which there is no reason. */
export interface Difference {
  readonly list: readonly string[]
  readonly aws: AwsReading
  readonly here: AwsReading
}

export interface Comparison {
  /** Lists that both accept, with the same values. */
  readonly accepted: number
  readonly rejected: number
  /** By the reason why the difference is one of the program. */
  readonly explained: Readonly<Record<string, number>>
  readonly differences: readonly Difference[]
}

/** Reads lists with the AWS CLI. */
export type ReadWithAws = (lists: readonly (readonly string[])[]) => readonly AwsReading[]

/** Compares what the AWS CLI and this program make of random argument lists. @param home - a directory for files, empty */
export async function compareLists(
  random: Random,
  count: number,
  home: string,
  readWithAws: ReadWithAws,
): Promise<Comparison> {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(home, name), text)
  const lists = Array.from({ length: count }, () => randomList(random))
  // What a list means if the words in front are omitted.
  const prefixes = [[], ['eks'], ['eks', 'get-token']]
  const readings = readWithAws(lists.flatMap((list) => prefixes.map((prefix) => [...prefix, ...list])))
  const runtime = { ...processRuntime(), homeDirectory: () => home, env: { HOME: home } }
  let [accepted, rejected] = [0, 0]
  const explained: Record<string, number> = {}
  const differences: Difference[] = []
  for (const [index, list] of lists.entries()) {
    const here = await read(list, runtime)
    const [aws, ...others] = readings.slice(index * prefixes.length, (index + 1) * prefixes.length)
    if (aws === undefined) throw new Error('a reading is missing')
    if (isSame(aws, here)) {
      if ('error' in aws) rejected++
      else accepted++
      continue
    }
    const reason = EXPLAINED.find(([, holds]) => holds(aws, here, others, list))?.[0]
    if (reason === undefined) differences.push({ list, aws, here })
    else explained[reason] = (explained[reason] ?? 0) + 1
  }
  return { accepted, rejected, explained, differences }
}

/** Where the program differs on purpose (docs/differences.md). */
const EXPLAINED: readonly (readonly [
  reason: string,
  holds: (aws: AwsReading, here: AwsReading, others: readonly AwsReading[], list: readonly string[]) => boolean,
])[] = [
  [
    'the words eks get-token may be omitted',
    (aws, here, others) => 'error' in aws && others.some((other) => isSame(other, here) || isEarlyValue(other, here)),
  ],
  ['values are checked after the whole line has been parsed', (aws, here) => isEarlyValue(aws, here)],
  [
    'seconds are not negative, and their digits are those of ASCII',
    (aws, here, others) =>
      'error' in here && /^int /.test(kindOf(here.error)) && [aws, ...others].some((other) => !('error' in other)),
  ],
  [
    'an empty line is explained',
    (aws, here) => 'error' in aws && 'error' in here && here.error.endsWith('required: --cluster-name or --cluster-id'),
  ],
  [
    '--option=-- has the value --, which argparse drops',
    (_aws, _here, _others, list) => list.some((word) => word.endsWith('=--')),
  ],
  ['the AWS CLI has manual pages for topics', (aws) => 'topics' in aws && (aws.topics ?? []).length > 0],
]

/** The AWS CLI rejects the list for a value that it reads before it has seen the rest: another mistake, or `help`. */
function isEarlyValue(aws: AwsReading, here: AwsReading): boolean {
  return 'error' in aws && isOfValue(aws.error) && ('error' in here || here.command === 'help')
}

function isOfValue(error: string): boolean {
  return /^(?:int|url|query|file|type) /.test(kindOf(error))
}

function isSame(aws: AwsReading, here: AwsReading): boolean {
  if ('error' in aws || 'error' in here) {
    return 'error' in aws && 'error' in here && kindOf(aws.error) === kindOf(here.error)
  }
  if (aws.command !== here.command) return false
  return aws.command === 'help' ? (aws.topics ?? []).length === 0 : sorted(aws.values) === sorted(here.values)
}

function sorted(values: Record<string, string | true> = {}): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The error, without what only one of both says. */
function kindOf(error: string): string {
  for (const [pattern, kind] of ERROR_KINDS) {
    const groups = pattern.exec(error)
    if (groups) return `${kind} ${groups[1]}`
  }
  // This program quotes one line.
  return error.replaceAll('\n', '…')
}

const ERROR_KINDS: readonly (readonly [RegExp, kind: string])[] = [
  [/^argument ([\w-]+): (?:Found i|I)nvalid choice/, 'choice'],
  // An ambiguous prefix of every option lists --version last there.
  [/^ambiguous option: (-[^ ]*) could match --debug, --endpoint-url, --no-verify-ssl/, 'ambiguous'],
  [/^argument ([\w-]+): ignored explicit argument/, 'explicit'],
  [/^Bad value for --(endpoint-url)/, 'url'],
  [/^(?:Bad value for --|Invalid )(query)/, 'query'],
  [/^Error parsing parameter '--([\w-]+)'/, 'file'],
  [/(Invalid type) for parameter/, 'type'],
  [/^(?:--cli-\w+-timeout is|invalid literal for (int))/, 'int'],
]

/** What this program makes of a list, in the AWS CLI's words. */
async function read(list: readonly string[], runtime: Runtime): Promise<AwsReading> {
  try {
    const { command, values, rest } = parseAwsArguments(list)
    if (command === 'version' || command === 'help') return { command }
    const own = command === 'update-kubeconfig' ? parseUpdateArguments(rest) : new Map<string, string | true>()
    const { token, output } = applyOptions(values, runtime)
    await compileQuery(output.query)
    const fromFiles = [...own].map(([name, value]) => [
      name,
      value === true ? true : readParameterFile(value, name, runtime),
    ])
    const applied = Object.entries({
      'cluster-name': token.clusterName,
      'cluster-id': token.clusterId,
      'role-arn': token.roleArn,
    }).filter(([, value]) => value !== undefined)
    return { command, values: { ...Object.fromEntries([...values, ...fromFiles, ...applied]) } }
  } catch (error) {
    if (!isEksTokenError(error)) throw error
    return { error: error.message }
  }
}

const FILES = { name: 'demo', lines: 'a\r\nb\rc\n', empty: '', 'with space': 'x' }

/** Those of the AWS CLI; an abbreviation of another one is unknown. */
const AWS_OPTIONS: readonly OptionSpec[] = [...OPTIONS, ...UPDATE_OPTIONS].filter(({ origin }) => origin === 'aws')
const OWN_NAMES = [...OPTIONS, ...UPDATE_OPTIONS].filter(({ origin }) => origin === 'own').map(({ name }) => name)

const WORDS = ['eks', 'get-token', 'update-kubeconfig', 'help', 'foo', 'get-tokens', 'ek', '']
const DASHES = [
  ...['-', '--', '---', '--=', '--=x', '-=', '-x', '-h=1', '- ', '-- a'],
  ...['-5', '-5\n', '-5.', '-.5', '-1e5', '--5', '-٣', '-٣.٣'],
]
const VALUES = [
  ...['demo', 'a', 'b c', '', ' ', 'é', 'a=b', '=', '-a b', '--region x', '-x y=z', 'a,b', "it's", '"q"', '\\', '{}'],
  ...['json', 'JSON', 'on', '0', '60', '٣', '1.5', 'https://e', '//e', 'e:', 'arn:aws:iam::123456789012:role/r'],
]
const FILE_VALUES = [
  ...['file://~/name', 'file://$HOME/lines', 'file://~/empty', 'file://~/with space', 'file://'],
  ...['file://~/missing', 'file://~', 'fileb://~/name', 'file:/~/name', 'FILE://~/name', 'file://$MISSING/name'],
]
const UNKNOWN_NAMES = ['nope', 'no-debug', 'no-region', 'no-cluster-name', 'no-verify', 'Region', 'h']
const VALID_VALUES: Readonly<Record<string, readonly string[]>> = {
  'cli-read-timeout': ['0', '60', ' 7 ', '1_0'],
  'cli-connect-timeout': ['0', '+5', '007'],
  'endpoint-url': ['https://e', 'e:'],
  query: ['status.token', 'a[0]', '@'],
}

/** From usual to broken. */
function randomList(random: Random): string[] {
  return random.integer(4) > 0 ? usualList(random) : brokenList(random)
}

function usualList(random: Random): string[] {
  const operation = random.pick(['get-token', 'get-token', 'update-kubeconfig'])
  const [global, own] = ['global', operation].map((level) => AWS_OPTIONS.filter((option) => option.level === level))
  const some = (options: readonly OptionSpec[] = [], limit = 1): string[] =>
    Array.from({ length: random.integer(limit + 1) }, () => usualOption(random, random.pick(options))).flat()
  const required = operation === 'get-token' ? [] : ['--name', 'demo']
  const line = [...some(global), 'eks', ...some(global), operation, ...required, ...some(own, 2), ...some(global)]
  // At most one thing is unusual.
  const kind = random.integer(8)
  if (kind < 2) line.splice(random.integer(line.length + 1), 0, anyWord(random))
  if (kind === 2) line.splice(random.integer(line.length), 1)
  if (kind === 3) line.splice(random.integer(line.length + 1), 0, ...anyOption(random))
  return line
}

function usualOption(random: Random, { name, value, choices }: OptionSpec): string[] {
  // An abbreviation may be ambiguous, or of another option.
  const written = `--${random.integer(3) > 0 ? name : name.slice(0, Math.max(1, name.length - random.integer(6)))}`
  if (value === undefined) return [written]
  const text = random.integer(10) === 0 ? anyValue(random) : random.pick(choices ?? VALID_VALUES[name] ?? VALUES)
  return random.integer(2) === 0 ? [`${written}=${text}`] : [written, text]
}

function brokenList(random: Random): string[] {
  const some = (limit: number): string[] =>
    Array.from({ length: random.integer(limit) }, () => anyOption(random)).flat()
  const line = [...some(3), random.pick(WORDS), ...some(2), random.pick(WORDS), ...some(4)]
  for (let changes = random.integer(3); changes > 0; changes--) {
    const isRemoved = random.integer(2) === 0
    line.splice(random.integer(line.length + 1), isRemoved ? 1 : 0, ...(isRemoved ? [] : [anyWord(random)]))
  }
  return line
}

function anyOption(random: Random): string[] {
  const kind = random.integer(8)
  const abbreviated = (name: string): string => name.slice(0, 1 + random.integer(name.length))
  const name = `--${kind === 0 ? random.pick(OWN_NAMES).slice(0, -1) : kind === 1 ? random.pick(UNKNOWN_NAMES) : abbreviated(random.pick(AWS_OPTIONS).name)}`
  const form = random.integer(3)
  if (form === 0) return [name]
  return form === 1 ? [`${name}=${anyValue(random)}`] : [name, anyValue(random)]
}

function anyWord(random: Random): string {
  return random.pick([...WORDS, ...DASHES, ...VALUES])
}

function anyValue(random: Random): string {
  return random.pick(random.pick([VALUES, VALUES, FILE_VALUES, [...WORDS, ...DASHES]]))
}
