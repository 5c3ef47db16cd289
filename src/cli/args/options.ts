import type { TokenOptions } from '../../create-token.ts'
import type { Runtime } from '../../runtime.ts'
import {
  COLOR_MODES,
  type ColorMode,
  OUTPUT_FORMAT_NAMES,
  OUTPUT_FORMATS,
  type OutputFormat,
} from '../output/formats.ts'
import type { CliOptions, Effect, OptionSpec } from './option.ts'
import { parseSeconds, readParameterFile, requireUrlScheme } from './parameter-values.ts'

/** An option that sets an argument of createToken. */
function token<Key extends keyof TokenOptions>(
  key: Key,
  parse: (value: string, name: string, runtime: Runtime) => TokenOptions[Key],
) {
  const set = (options: CliOptions, value: string, name: string, runtime: Runtime): void => {
    options.token[key] = parse(value, name, runtime)
  }
  return { tokenOption: key, set }
}

const asIs = (value: string): string => value
/** Listed by name in the help. */
const ignored = { ignored: true, help: '' } as const

/**
 * Every option of get-token, and those that subcommands share with it: the command line is parsed by this table, and the
 * help and the README's table are made of it. Options of a single subcommand are declared in its file.
 *
 * The AWS CLI's global options come first, in its own order: an ambiguous prefix lists them in this order, and an error in
 * one of them takes precedence. https://docs.aws.amazon.com/cli/latest/reference/#global-options
 */
const TABLE = [
  {
    name: 'debug',
    level: 'global',
    group: 'general',
    origin: 'aws',
    help: 'log each decision to stderr, without secrets',
    set: (options: CliOptions): void => {
      options.debug = true
    },
  },
  {
    name: 'endpoint-url',
    level: 'global',
    value: 'url',
    origin: 'aws',
    ...ignored,
    check: requireUrlScheme,
  },
  { name: 'no-verify-ssl', level: 'global', origin: 'aws', ...ignored },
  { name: 'no-paginate', level: 'global', origin: 'aws', ...ignored },
  {
    name: 'output',
    level: 'global',
    group: 'output',
    value: 'format',
    choices: OUTPUT_FORMATS,
    origin: 'aws',
    help: `${OUTPUT_FORMAT_NAMES} (default: json)`,
    set: ({ output }: CliOptions, value: string): void => {
      output.format = value as OutputFormat
    },
  },
  {
    name: 'query',
    level: 'global',
    group: 'output',
    value: 'jmespath',
    origin: 'aws',
    help: 'JMESPath filter for the output',
    set: ({ output }: CliOptions, value: string): void => {
      output.query = value
    },
  },
  {
    name: 'profile',
    level: 'global',
    group: 'credentials',
    value: 'name',
    origin: 'aws',
    help: 'AWS profile; takes precedence over credentials in the environment (default: AWS_PROFILE)',
    ...token('profile', asIs),
  },
  {
    name: 'region',
    level: 'global',
    group: 'credentials',
    value: 'name',
    origin: 'aws',
    help: "AWS region (default: AWS_REGION, then the profile's region)",
    ...token('region', asIs),
  },
  {
    name: 'version',
    level: 'global',
    group: 'general',
    origin: 'aws',
    help: 'show the version',
    prints: 'version',
  },
  {
    name: 'color',
    level: 'global',
    group: 'output',
    value: 'when',
    choices: COLOR_MODES,
    origin: 'aws',
    help: 'color in tables: on, off or auto (default: auto)',
    set: ({ output }: CliOptions, value: string): void => {
      output.color = value as ColorMode
    },
  },
  {
    name: 'no-sign-request',
    level: 'global',
    origin: 'aws',
    help: 'do not sign; no API server accepts such a token',
    ...token('signRequest', () => false),
  },
  { name: 'ca-bundle', level: 'global', value: 'file', origin: 'aws', ...ignored },
  {
    name: 'cli-read-timeout',
    level: 'global',
    group: 'credentials',
    value: 'seconds',
    origin: 'aws',
    help: 'read timeout, 0: no limit (default: 60)',
    ...token('readTimeoutSeconds', parseSeconds),
  },
  {
    name: 'cli-connect-timeout',
    level: 'global',
    group: 'credentials',
    value: 'seconds',
    origin: 'aws',
    help: 'connect timeout, 0: no limit (default: 60)',
    ...token('connectTimeoutSeconds', parseSeconds),
  },
  {
    name: 'cli-binary-format',
    level: 'global',
    value: 'format',
    choices: ['base64', 'raw-in-base64-out'],
    origin: 'aws',
    ...ignored,
  },
  { name: 'no-cli-pager', level: 'global', origin: 'aws', ...ignored },
  {
    name: 'cli-auto-prompt',
    level: 'global',
    origin: 'aws',
    ...ignored,
  },
  { name: 'no-cli-auto-prompt', level: 'global', origin: 'aws', ...ignored },
  {
    name: 'cli-error-format',
    level: 'global',
    value: 'format',
    choices: ['legacy', 'json', 'yaml', 'text', 'table', 'enhanced'],
    origin: 'aws',
    ...ignored,
  },
  {
    name: 'timeout',
    level: 'global',
    group: 'credentials',
    value: 'seconds',
    origin: 'own',
    help: 'timeout for the whole run, 0: no limit (default: 60)',
    ...token('timeoutSeconds', parseSeconds),
  },
  {
    name: 'no-cache',
    level: 'global',
    group: 'credentials',
    origin: 'own',
    help: 'do not read or write cached credentials',
    ...token('useCache', () => false),
  },
  {
    name: 'help',
    level: 'global',
    group: 'general',
    short: '-h',
    origin: 'own',
    help: 'show this help',
    prints: 'help',
  },
  {
    name: 'cluster-name',
    level: 'get-token',
    group: 'cluster',
    value: 'name',
    origin: 'aws',
    help: 'name of the EKS cluster',
    ...token('clusterName', readParameterFile),
  },
  {
    name: 'role-arn',
    level: 'get-token',
    group: 'cluster',
    value: 'arn',
    origin: 'aws',
    help: 'IAM role to assume; the token is signed as this role',
    ...token('roleArn', readParameterFile),
  },
  {
    name: 'cluster-id',
    level: 'get-token',
    group: 'cluster',
    value: 'id',
    origin: 'aws',
    help: 'id of a local cluster on AWS Outposts, instead of the name',
    ...token('clusterId', readParameterFile),
  },
  {
    name: 'external-id',
    level: 'get-token',
    group: 'cluster',
    value: 'id',
    origin: 'own',
    help: 'with --role-arn: external id that the trust policy requires',
    ...token('externalId', asIs),
  },
  {
    name: 'role-session-name',
    level: 'get-token',
    group: 'cluster',
    value: 'name',
    origin: 'own',
    help: 'with --role-arn: session name (default: EKSGetTokenAuth)',
    ...token('roleSessionName', asIs),
  },
  {
    name: 'duration-seconds',
    level: 'get-token',
    group: 'cluster',
    value: 'seconds',
    origin: 'own',
    help: 'with --role-arn: session duration, at least 900 (default: 3600)',
    ...token('durationSeconds', parseSeconds),
  },
  {
    name: 'mfa-serial',
    level: 'get-token',
    group: 'cluster',
    value: 'serial',
    origin: 'own',
    help: 'with --role-arn: serial number or ARN of the MFA device',
    ...token('mfaSerial', asIs),
  },
  {
    name: 'login',
    level: 'get-token',
    value: 'when',
    choices: ['never', 'auto'],
    origin: 'own',
    help: 'auto: sign in when the login has expired (default: never)',
    set: (options: CliOptions, value: string): void => {
      options.login = value
    },
  },
] as const satisfies readonly (OptionSpec & Effect)[]

export const OPTIONS: readonly (OptionSpec & Effect)[] = TABLE

/** Set by the runtime, not by an option. */
type NotAnOption =
  | 'credentials'
  | 'instanceRegion'
  | 'interactiveLogin'
  | 'mfaCodeProvider'
  | 'onProcessStart'
  | 'profileSource'
  | 'regionSource'
  | 'waitObserver'
type WithoutOption = Exclude<
  keyof TokenOptions,
  NotAnOption | Extract<(typeof TABLE)[number], { tokenOption: string }>['tokenOption']
>
type MustBeNever<T extends never> = T
/** Fails to compile where an argument of createToken has no option in the table. */
export type EveryArgumentHasAnOption = MustBeNever<WithoutOption>
