import { basename } from 'node:path'
import { EksTokenError } from '../../../errors.ts'
import type { ExecBlock } from '../../../kubernetes/context.ts'
import { parseAwsArguments } from '../../args/aws-arguments.ts'

/** A plugin of EKS as an exec block calls it. It is never started: its arguments are read, and ours is asked instead. */
export interface PluginInvocation {
  readonly plugin: 'eks-get-token' | 'aws' | 'aws-iam-authenticator'
  /** Options of get-token, name → value. */
  readonly values: ReadonlyMap<string, string | true>
  /** Options that have no meaning here. */
  readonly ignored: readonly string[]
}

/**
 * @returns undefined: the command is no plugin of EKS
 * @throws EksTokenError `ERR_USAGE` for arguments that the plugin would refuse
 */
export function parsePluginInvocation({ command, args }: ExecBlock): PluginInvocation | undefined {
  const name = nameOf(command)
  if (name === 'node' && args[0] !== undefined && nameOf(args[0]) === 'eks-get-token') {
    return fromAws('eks-get-token', args.slice(1))
  }
  if (name === 'eks-get-token' || name === 'aws') return fromAws(name, args)
  // Its name before 2018: https://github.com/kubernetes-sigs/aws-iam-authenticator/releases/tag/v0.4.0-alpha.1
  if (name === 'aws-iam-authenticator' || name === 'heptio-authenticator-aws') return fromAuthenticator(args)
  return undefined
}

function nameOf(command: string): string {
  return basename(command.replaceAll('\\', '/')).replace(/\.(exe|cmd|cjs|js)$/i, '')
}

function fromAws(plugin: 'aws' | 'eks-get-token', args: readonly string[]): PluginInvocation {
  const { command, values } = parseAwsArguments(args)
  if (command !== 'get-token') throw new EksTokenError('ERR_USAGE', `the arguments request the ${command}, not a token`)
  return { plugin, values, ignored: [] }
}

/** https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/cmd/aws-iam-authenticator/token.go */
const AUTHENTICATOR_OPTIONS: Readonly<Record<string, string>> = {
  '-i': 'cluster-name',
  '--cluster-id': 'cluster-name',
  '-r': 'role-arn',
  '--role': 'role-arn',
  '--region': 'region',
}

function fromAuthenticator(args: readonly string[]): PluginInvocation {
  if (!args.includes('token')) throw new EksTokenError('ERR_USAGE', "the word 'token' is not among the arguments")
  const values = new Map<string, string | true>()
  const ignored: string[] = []
  for (let at = 0; at < args.length; at++) {
    const [name = '', ...rest] = (args[at] ?? '').split('=')
    if (!name.startsWith('-')) continue
    const option = Object.hasOwn(AUTHENTICATOR_OPTIONS, name) ? AUTHENTICATOR_OPTIONS[name] : undefined
    if (option === undefined) ignored.push(name)
    else values.set(option, rest.length > 0 ? rest.join('=') : (args[++at] ?? ''))
  }
  return { plugin: 'aws-iam-authenticator', values, ignored }
}
