import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { OptionSpec } from '../../src/cli/args/option.ts'
import { OPTIONS } from '../../src/cli/args/options.ts'
import { UPDATE_OPTIONS } from '../../src/cli/commands/update-kubeconfig/options.ts'
import { findProgram } from './programs.ts'

/** What the AWS CLI makes of an argument list. */
export type AwsReading =
  | { readonly error: string }
  /** `topics` are the words after `help`. */
  | { readonly command: string; readonly values?: Record<string, string | true>; readonly topics?: readonly string[] }

/** A Python that has the AWS CLI. */
export interface AwsPython {
  readonly program: string
  readonly packages: string | undefined
  readonly version: string
}

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const CHECK = 'import awscli, sys; assert sys.version_info < (3, 12); print(awscli.__version__)'

/** Version 2, which `.ci/aws-v2` unpacks, or else the one that python3 imports: their parsers are alike. */
export function findAwsPython(): AwsPython | undefined {
  const unpacked = fromRoot('.tools/aws-v2-files/usr/lib/python3/dist-packages')
  const candidates: [string | undefined, string | undefined][] = [
    [existsSync(unpacked) ? '/usr/bin/python3' : undefined, unpacked],
    [findProgram('python3'), undefined],
  ]
  for (const [program, packages] of candidates) {
    if (program === undefined) continue
    const { status, stdout } = spawnSync(program, ['-c', CHECK], {
      env: awsPythonEnvironment(packages, '/'),
      encoding: 'utf8',
    })
    if (status === 0) return { program, packages, version: stdout.trim() }
  }
  return undefined
}

/** Why these tests are skipped where there is none. */
export const AWS_PYTHON_MISSING = 'no python3 before 3.12 that imports awscli (.ci/aws-v2), whose parser is compared'

/** Parses argument lists with the AWS CLI in one process. */
export function readWithAws(
  python: AwsPython,
  home: string,
  lists: readonly (readonly string[])[],
): readonly AwsReading[] {
  const { status, stdout, stderr } = spawnSync(python.program, [fromRoot('test/support/aws-arguments.py')], {
    ...{ env: awsPythonEnvironment(python.packages, home), cwd: home, encoding: 'utf8', maxBuffer: 1 << 28 },
    input: [TABLES, ...lists].map((line) => `${JSON.stringify(line)}\n`).join(''),
  })
  if (status !== 0) throw new Error(`the parser of the AWS CLI ended with ${status}: ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AwsReading)
}

export function awsPythonEnvironment(packages: string | undefined, home: string): Record<string, string> {
  return {
    ...(packages === undefined ? {} : { PYTHONPATH: packages }),
    ...{ HOME: home, PATH: '/usr/bin:/bin', PYTHONIOENCODING: 'utf-8', AWS_EC2_METADATA_DISABLED: 'true' },
  }
}

/** The AWS CLI's own options: their names and order are recorded, how they are read is not. */
const TABLES = {
  global: optionsOf(OPTIONS, 'global').filter(({ name }) => name !== 'version'),
  'get-token': optionsOf(OPTIONS, 'get-token'),
  'update-kubeconfig': optionsOf(UPDATE_OPTIONS, 'update-kubeconfig'),
}

function optionsOf(options: readonly OptionSpec[], level: OptionSpec['level']) {
  return options
    .filter((option) => option.level === level && option.origin === 'aws')
    .map(({ name, value, choices }) => ({
      ...{ name, hasValue: value !== undefined, choices },
      isRequired: level === 'update-kubeconfig' && name === 'name',
    }))
}
