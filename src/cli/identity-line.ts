import type { TokenOptions } from '../create-token.ts'
import { shellQuote } from '../python/shlex.ts'
import { redactValue } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import type { OptionSpec } from './args/option.ts'
import { OPTIONS } from './args/options.ts'

/** Variables that decide who signs, besides those that hold credentials, which no hint repeats. */
const VARIABLES =
  /^AWS_(DEFAULT_)?(PROFILE|REGION)$|^AWS_(CONFIG_FILE|SHARED_CREDENTIALS_FILE|CA_BUNDLE)$|^HTTPS_PROXY$/

/** Options that decide how long to wait, not who signs and which cache entry is used. */
const WAITING = ['timeout', 'cli-read-timeout', 'cli-connect-timeout']

/** Subcommands without a cluster. */
const WITHOUT_CLUSTER = ['login']

/** The variables of a client that the shell does not have. */
export function missingVariables(env: Environment, shell: Environment): Environment {
  const names = Object.keys(env).filter((name) => VARIABLES.test(name) && env[name] && env[name] !== shell[name])
  return Object.fromEntries(names.map((name) => [name, env[name]]))
}

/**
 * A command line of this program for the same identity and cluster, to be pasted into a shell. Every hint that proposes one
 * uses it, so that none drops an option that was given.
 *
 * @param subcommand - empty for get-token
 * @param variables - to set for the line; those that an option overrides are left out
 */
export function identityLine(subcommand: string, options: TokenOptions, variables: Environment = {}): string {
  const isNamed = options.clusterName || options.clusterId || WITHOUT_CLUSTER.includes(subcommand)
  const given: TokenOptions = isNamed ? options : { ...options, clusterName: 'NAME' }
  const words = OPTIONS.flatMap((option) => {
    if (!('set' in option) || option.tokenOption === undefined || WAITING.includes(option.name)) return []
    const value = given[option.tokenOption]
    if (value === undefined || value === '') return []
    return [{ word: optionText(option, String(value)), isCluster: option.tokenOption.startsWith('cluster') }]
  })
  const assignments = Object.entries(variables)
    .filter(([name]) => !(options.profile && name.endsWith('PROFILE')) && !(options.region && name.endsWith('REGION')))
    .map(([name, value]) => `${name}=${shellQuote(redactValue(value ?? ''))}`)
  const sorted = [...words.filter(({ isCluster }) => isCluster), ...words.filter(({ isCluster }) => !isCluster)]
  return [...assignments, 'eks-get-token', subcommand, ...sorted.map(({ word }) => word)].filter(Boolean).join(' ')
}

/**
 * A command line with all of the options that were given, for commands that have more of them than those of an identity.
 *
 * @param values - option name → value, or true for a flag
 */
export function givenLine(
  subcommand: string,
  options: readonly OptionSpec[],
  values: ReadonlyMap<string, string | true>,
): string {
  const words = options.flatMap((option) => {
    const value = values.get(option.name)
    return value === undefined || WAITING.includes(option.name) ? [] : [optionText(option, String(value))]
  })
  return ['eks-get-token', subcommand, ...words].join(' ')
}

function optionText({ name, value }: OptionSpec, given: string): string {
  return value === undefined ? `--${name}` : `--${name} ${shellQuote(redactValue(given))}`
}
