import { optionWithValue, withVariables } from '../command-line.ts'
import type { TokenOptions } from '../create-token.ts'
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
 * @param platform - decides for which shells it is quoted
 * @param setting - the variables to set for the line, of which those that an option overrides are left out, and what to quote it with
 */
export function identityLine(
  subcommand: string,
  options: TokenOptions,
  platform: string,
  { variables = {}, quote }: { readonly variables?: Environment; readonly quote?: string } = {},
): string {
  const isNamed = options.clusterName || options.clusterId || WITHOUT_CLUSTER.includes(subcommand)
  const given: TokenOptions = isNamed ? options : { ...options, clusterName: 'NAME' }
  const words = OPTIONS.flatMap((option) => {
    if (!('set' in option) || option.tokenOption === undefined || WAITING.includes(option.name)) return []
    const value = given[option.tokenOption]
    if (value === undefined || value === '') return []
    return [{ word: optionText(option, String(value), platform), isCluster: option.tokenOption.startsWith('cluster') }]
  })
  const needed = Object.entries(variables)
    .filter(([name]) => !(options.profile && name.endsWith('PROFILE')) && !(options.region && name.endsWith('REGION')))
    .map(([name, value]) => [name, redactValue(value ?? '')])
  const sorted = [...words.filter(({ isCluster }) => isCluster), ...words.filter(({ isCluster }) => !isCluster)]
  const line = ['eks-get-token', subcommand, ...sorted.map(({ word }) => word)].filter(Boolean).join(' ')
  return withVariables(line, Object.fromEntries(needed), platform, quote)
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
  platform: string,
): string {
  const words = options.flatMap((option) => {
    const value = values.get(option.name)
    return value === undefined || WAITING.includes(option.name) ? [] : [optionText(option, String(value), platform)]
  })
  return ['eks-get-token', subcommand, ...words].join(' ')
}

function optionText({ name, value }: OptionSpec, given: string, platform: string): string {
  return value === undefined ? `--${name}` : optionWithValue(name, redactValue(given), platform)
}
