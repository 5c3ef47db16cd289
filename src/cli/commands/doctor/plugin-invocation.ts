import { EksTokenError } from '../../../errors.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import type { Environment } from '../../../runtime.ts'
import { parseAwsArguments } from '../../args/aws-arguments.ts'
import { parseFlags } from './pflag.ts'
import { programName, type Unwrapped, unwrapCommand } from './wrappers.ts'

/** An EKS plugin as an exec block runs it. The plugin is never run: its arguments are evaluated instead. */
export interface PluginInvocation {
  /** undefined: none of the known ones. */
  readonly plugin: Plugin | undefined
  /** Options of get-token, by name; true for a switch. */
  readonly values: ReadonlyMap<string, string | true>
  /** Options without an equivalent in get-token that may select another identity. */
  readonly ignored: readonly string[]
  readonly line: Unwrapped
}

export type Plugin = 'eks-get-token' | 'aws' | 'aws-iam-authenticator' | 'kubergrunt'

/** heptio-authenticator-aws: its name before 2018. https://github.com/kubernetes-sigs/aws-iam-authenticator/releases/tag/v0.4.0-alpha.1 */
const PLUGINS: Readonly<Record<string, Plugin>> = {
  'eks-get-token': 'eks-get-token',
  aws: 'aws',
  'aws-iam-authenticator': 'aws-iam-authenticator',
  'heptio-authenticator-aws': 'aws-iam-authenticator',
  kubergrunt: 'kubergrunt',
}

/**
 * @param env - of the plugin: aws-iam-authenticator takes defaults from it
 * @throws EksTokenError `ERR_USAGE` for arguments that the plugin would reject
 */
export function parsePluginInvocation(
  exec: Pick<ExecBlock, 'command' | 'args'>,
  platform: string,
  env: Environment,
): PluginInvocation {
  const line = unwrapCommand(exec, platform, (name) => Object.hasOwn(PLUGINS, name))
  const name = programName(line.command, platform)
  const plugin = Object.hasOwn(PLUGINS, name) ? PLUGINS[name] : undefined
  if (plugin === undefined) return { plugin, values: new Map(), ignored: [], line }
  return { plugin, line, ...optionsOf(plugin, line.args, { ...env, ...line.env }) }
}

type Options = Pick<PluginInvocation, 'values' | 'ignored'>

function optionsOf(plugin: Plugin, args: readonly string[], env: Environment): Options {
  if (plugin === 'aws-iam-authenticator') return fromAuthenticator(args, env)
  return plugin === 'kubergrunt' ? fromKubergrunt(args) : fromAws(args)
}

function fromAws(args: readonly string[]): Options {
  const { command, values } = parseAwsArguments(args)
  if (command !== 'get-token')
    throw usageError(`with these arguments, the plugin prints the ${command} instead of a token`)
  if (values.has('no-sign-request')) {
    throw usageError(
      '--no-sign-request creates a token without a signature, which API servers reject',
      'remove --no-sign-request from args: in the exec block',
    )
  }
  return { values, ignored: [] }
}

/** https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/cmd/aws-iam-authenticator/token.go, root.go */
const AUTHENTICATOR_FLAGS = {
  config: { short: 'c', takesValue: true },
  'log-format': { short: 'l', takesValue: true },
  'cluster-id': { short: 'i', takesValue: true },
  'feature-gates': { takesValue: true },
  role: { short: 'r', takesValue: true },
  region: { takesValue: true },
  'external-id': { short: 'e', takesValue: true },
  'session-name': { short: 's', takesValue: true },
  'token-only': { takesValue: false },
  'forward-session-name': { takesValue: false },
  cache: { takesValue: false },
} as const

function fromAuthenticator(args: readonly string[], env: Environment): Options {
  const { flags, words } = parse(args, AUTHENTICATOR_FLAGS)
  if (words[0] !== 'token')
    throw usageError("the 'token' subcommand is missing from the arguments", 'add token to args: in the exec block')
  if (isOn(flags.get('token-only'))) {
    throw usageError(
      '--token-only prints the token without an ExecCredential, which kubectl cannot read',
      'remove --token-only from args: in the exec block',
    )
  }
  const role = flags.get('role') ?? env.DEFAULT_ROLE
  const values = new Map<string, string | true>()
  const set = (name: string, value: string | undefined): void => {
    if (value) values.set(name, value)
  }
  set('cluster-name', flags.get('cluster-id') || env.KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID)
  set('region', flags.get('region'))
  set('role-arn', role)
  if (role) {
    set('external-id', flags.get('external-id'))
    set('role-session-name', flags.get('session-name'))
  }
  const ignored = ['config', ...(role ? ['forward-session-name'] : [])]
    .filter((name) => flags.has(name))
    .map((name) => `--${name}`)
  return { values, ignored }
}

/** https://github.com/gruntwork-io/kubergrunt (`kubergrunt eks token`) */
const KUBERGRUNT_FLAGS = {
  'eks-cluster-arn': { takesValue: true },
  loglevel: { takesValue: true },
} as const

function fromKubergrunt(args: readonly string[]): Options {
  const { flags, words } = parse(args, KUBERGRUNT_FLAGS)
  if (words[0] !== 'eks' || words[1] !== 'token') throw usageError('the arguments do not call kubergrunt eks token')
  const [, region, name] =
    /^arn:[\w-]+:eks:([\w-]+):\d{12}:cluster\/(.+)$/.exec(flags.get('eks-cluster-arn') ?? '') ?? []
  if (region === undefined || name === undefined) throw usageError('--eks-cluster-arn is not the ARN of a cluster')
  return {
    values: new Map([
      ['region', region],
      ['cluster-name', name],
    ]),
    ignored: [],
  }
}

function parse(args: readonly string[], flags: Parameters<typeof parseFlags>[1]) {
  const parsed = parseFlags(args, flags)
  if (typeof parsed === 'string') throw usageError(parsed)
  return parsed
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(1|t|true)$/i.test(value)
}

function usageError(message: string, remedy = 'correct args: in the exec block'): EksTokenError {
  return new EksTokenError('ERR_USAGE', message, { remedy })
}
