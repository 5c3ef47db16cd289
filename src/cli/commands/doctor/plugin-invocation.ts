import { basename } from 'node:path'
import { EksTokenError } from '../../../errors.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import { parseAwsArguments } from '../../args/aws-arguments.ts'

/** An EKS plugin as an exec block runs it. The plugin is never run: its arguments are evaluated instead. */
export interface PluginInvocation {
  readonly plugin: 'eks-get-token' | 'aws' | 'aws-iam-authenticator'
  /** Options of get-token, by name; true for a switch. */
  readonly values: ReadonlyMap<string, string | true>
  /** Options without an equivalent in get-token. */
  readonly ignored: readonly string[]
}

/**
 * @returns undefined when the command is not a known EKS plugin
 * @throws EksTokenError `ERR_USAGE` for arguments that the plugin would reject
 */
export function parsePluginInvocation({ command, args }: ExecBlock, platform: string): PluginInvocation | undefined {
  const name = programName(command, platform)
  if (name === 'node' && args[0] !== undefined && programName(args[0], platform) === 'eks-get-token') {
    return fromAws('eks-get-token', args.slice(1))
  }
  if (name === 'eks-get-token' || name === 'aws') return fromAws(name, args)
  // heptio-authenticator-aws: its name before 2018. https://github.com/kubernetes-sigs/aws-iam-authenticator/releases/tag/v0.4.0-alpha.1
  if (name === 'aws-iam-authenticator' || name === 'heptio-authenticator-aws') return fromAuthenticator(args)
  return undefined
}

/** File names have no case on Windows. */
function programName(command: string, platform: string): string {
  const name = basename(command.replaceAll('\\', '/')).replace(/\.(exe|cmd|bat|cjs|js)$/i, '')
  return platform === 'win32' ? name.toLowerCase() : name
}

function fromAws(plugin: 'aws' | 'eks-get-token', args: readonly string[]): PluginInvocation {
  const { command, values } = parseAwsArguments(args)
  if (command !== 'get-token') {
    throw new EksTokenError('ERR_USAGE', `the arguments print the ${command} instead of a token`, {
      remedy: 'correct args: in the exec block',
    })
  }
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
  if (!args.includes('token')) {
    throw new EksTokenError('ERR_USAGE', "the 'token' subcommand is missing from the arguments", {
      remedy: 'add token to args: in the exec block',
    })
  }
  const values = new Map<string, string | true>()
  const ignored: string[] = []
  for (let index = 0; index < args.length; index++) {
    const [name = '', ...rest] = (args[index] ?? '').split('=')
    if (!name.startsWith('-')) continue
    const option = Object.hasOwn(AUTHENTICATOR_OPTIONS, name) ? AUTHENTICATOR_OPTIONS[name] : undefined
    if (option === undefined) ignored.push(name)
    else values.set(option, rest.length > 0 ? rest.join('=') : (args[++index] ?? ''))
  }
  return { plugin: 'aws-iam-authenticator', values, ignored }
}
