import type { CliOptions } from '../cli/args/option.ts'
import { OPTIONS } from '../cli/args/options.ts'
import { closestMatch } from '../closest-match.ts'
import type { TokenOptions as CommandOptions } from '../create-token.ts'
import type { CredentialProvider, StaticCredentials } from '../credentials/credentials.ts'
import { EksTokenError } from '../errors.ts'
import type { Environment, Runtime } from '../runtime.ts'

/** An AbortSignal, without the types of a browser or of Node. */
export interface AbortSignalLike {
  /** Whether it is aborted already. */
  readonly aborted: boolean
  /** What the promise of an aborted call is rejected with. */
  readonly reason: unknown
  /** Called once per call and wait. */
  readonly addEventListener: (type: 'abort', listener: () => void, options?: { once?: boolean }) => void
  /** Removes what was added. */
  readonly removeEventListener: (type: 'abort', listener: () => void) => void
}

/** Options of every function that resolves credentials. All are optional; `undefined` is the same as leaving one out. */
export interface IdentityOptions
  extends Omit<
    CommandOptions,
    | 'clusterName'
    | 'clusterId'
    | 'credentials'
    | 'instanceRegion'
    | 'interactiveLogin'
    | 'profileSource'
    | 'regionSource'
    | 'waitObserver'
  > {
  /**
   * Static AWS credentials, or a provider of the AWS SDK, such as those of `@aws-sdk/credential-providers`. They sign, or
   * assume `roleArn`, whatever environment and profile contain. A provider is called once per token. Default: the
   * credentials that the AWS CLI would use.
   */
  readonly credentials?: StaticCredentials | CredentialProvider | undefined
  /**
   * Environment variables, in place of those of the process; `{}`: none. The config files are still read: the home
   * directory is not taken from here, except where a variable names a file. Default: those of the process.
   */
  readonly environment?: Environment | undefined
  /** Ends everything that is still running; the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignalLike | undefined
}

/** Options of `createToken`. One of `clusterName` and `clusterId` is required. */
export interface CreateTokenOptions extends IdentityOptions {
  /** Name of the cluster, as in EKS; not its ARN. */
  readonly clusterName?: string | undefined
  /** Id of a local cluster on AWS Outposts, instead of the name. */
  readonly clusterId?: string | undefined
}

type Type = 'string' | 'number' | 'boolean' | 'function' | 'environment' | 'credentials' | 'signal' | 'date'

/** Options that the command line does not have. */
const LIBRARY_OPTIONS: Readonly<
  Record<Exclude<keyof IdentityOptions, keyof CommandOptions> | LibraryOnly, Exclude<Type, 'string' | 'number'>>
> = {
  mfaCodeProvider: 'function',
  onProcessStart: 'function',
  credentials: 'credentials',
  environment: 'environment',
  signal: 'signal',
}
type LibraryOnly = 'credentials' | 'mfaCodeProvider' | 'onProcessStart'

/** The options of the command line by their names here, with the type that each makes of the text `1`. */
function commandOptions(runtime: Runtime): Readonly<Record<string, Type>> {
  const types = OPTIONS.flatMap((option) => {
    if (!('set' in option) || option.tokenOption === undefined) return []
    const made: CliOptions = { token: {}, output: {}, debug: false }
    option.set(made, '1', option.name, runtime)
    return [[option.tokenOption, typeof made.token[option.tokenOption]] as const]
  })
  return Object.fromEntries(types) as Record<string, Type>
}

/**
 * Checks options at run time, for callers without types: a misspelled option would be ignored, and another identity would
 * sign.
 *
 * @throws EksTokenError `ERR_USAGE` for an unknown option, `ERR_PARAMETER` for one of the wrong type
 */
export function validateOptions(options: unknown, { cluster }: { readonly cluster: boolean }, runtime: Runtime): void {
  const { clusterName, clusterId, ...identity } = commandOptions(runtime)
  const types: Readonly<Record<string, Type | undefined>> = {
    ...identity,
    ...LIBRARY_OPTIONS,
    ...(cluster ? { clusterName, clusterId } : {}),
  }
  checkOptions(options, types, 'clusterName: "demo"')
}

/**
 * Checks the options of a function that takes few of them.
 *
 * @param example - a property, for the hint
 * @throws EksTokenError as {@link validateOptions}
 */
export function checkOptions(
  options: unknown,
  types: Readonly<Record<string, Type | undefined>>,
  example: string,
): void {
  if (!isObject(options) || Array.isArray(options))
    throw new EksTokenError('ERR_PARAMETER', 'the options must be an object', {
      remedy: `pass an object such as { ${example} }`,
    })
  for (const [name, value] of Object.entries(options)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined
    if (type === undefined) throw unknownOption(name, Object.keys(types))
    if (value !== undefined && !CHECKS[type].holds(value))
      throw new EksTokenError('ERR_PARAMETER', `the ${name} option must be ${CHECKS[type].description}`, {
        remedy: `correct ${name}, or omit it`,
      })
  }
}

function unknownOption(name: string, names: readonly string[]): EksTokenError {
  // Of several that begin like this, the first is the most usual: `cluster`, `role`.
  const whole = name.length >= 4 ? names.find((option) => option.startsWith(name)) : undefined
  const match = whole ?? closestMatch(name, names)
  return new EksTokenError('ERR_USAGE', `unknown option ${JSON.stringify(name)}`, {
    remedy: match ? `did you mean ${match}?` : `use ${names.join(', ')}`,
  })
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isTextOrMissing = (value: unknown): boolean => value === undefined || typeof value === 'string'

const CHECKS: Readonly<Record<Type, { readonly holds: (value: unknown) => boolean; readonly description: string }>> = {
  string: { holds: (value) => typeof value === 'string', description: 'a string' },
  number: {
    holds: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
    description: 'a non-negative number',
  },
  boolean: { holds: (value) => typeof value === 'boolean', description: 'a boolean' },
  function: { holds: (value) => typeof value === 'function', description: 'a function' },
  environment: {
    holds: (value) => isObject(value) && !Array.isArray(value) && Object.values(value).every(isTextOrMissing),
    description: 'an object with string values',
  },
  credentials: {
    holds: (value) =>
      typeof value === 'function' ||
      (isObject(value) && typeof value.accessKeyId === 'string' && typeof value.secretAccessKey === 'string'),
    description: 'an object with accessKeyId and secretAccessKey, or a function that returns one',
  },
  date: { holds: (value) => value instanceof Date && !Number.isNaN(value.getTime()), description: 'a valid Date' },
  signal: {
    holds: (value) =>
      isObject(value) &&
      typeof value.aborted === 'boolean' &&
      typeof value.addEventListener === 'function' &&
      typeof value.removeEventListener === 'function',
    description: 'an AbortSignal',
  },
}
