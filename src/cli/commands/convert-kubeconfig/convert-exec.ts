import { isEksTokenError } from '../../../errors.ts'
import { findNamed, textField } from '../../../json.ts'
import { parseAwsArguments } from '../../args/aws-arguments.ts'
import { unwrapCommand } from '../doctor/wrappers.ts'
import type { ParseArguments } from './exec-arguments.ts'

/** The fields of an exec block that a conversion changes. */
export interface ExecCommand {
  readonly apiVersion: unknown
  readonly args: readonly string[]
  readonly command: string
}

/** What is done with the exec block of one user, and why. */
export interface UserResult {
  /** '' for an entry without a name. */
  readonly name: string
  /** kept: it already runs this program. */
  readonly status: 'converted' | 'left' | 'kept'
  readonly reason: string
  /** Of a converted user. */
  readonly before?: ExecCommand
  readonly after?: ExecCommand
}

/** The name of a program without its directory and its Windows extension. */
export function programName(command: string): string {
  return command
    .trim()
    .replace(/^.*[\\/]/s, '')
    .replace(/\.(exe|cmd|bat|cjs)$/i, '')
    .toLowerCase()
}

type Outcome = Pick<UserResult, 'status' | 'reason' | 'after'>

/**
 * @param isNamedByCluster - this program gets the cluster's name from the client
 * @returns undefined: the block already runs this program
 */
export function convertExec(
  exec: ExecCommand,
  program: string,
  env: readonly unknown[],
  parseArguments: ParseArguments = parseAwsArguments,
  isNamedByCluster = false,
): Outcome | undefined {
  const name = programName(exec.command)
  if (name === 'eks-get-token') return undefined
  if (name === 'aws') return convertAws(exec, program, parseArguments, isNamedByCluster)
  if (name === 'aws-iam-authenticator' || name === 'heptio-authenticator-aws')
    return convertAuthenticator(exec, program, env)
  return ofWrapper(exec)
}

const WRAPPED = ['aws', 'aws-iam-authenticator', 'heptio-authenticator-aws', 'eks-get-token']

/** A plugin in the text of a script, whose words are not separated. */
const IN_SCRIPT = /(?:^|[\s;&|(/\\])(aws|aws-iam-authenticator)(?:\.exe)?\s(?:[^|;&]*\s)?(?:get-token|token)\b/

/** Any other program: what a wrapper runs is in its arguments, which only its user can change safely. */
function ofWrapper({ command, args }: ExecCommand): Outcome | undefined {
  const line = unwrapCommand({ command, args }, 'win32', (name) => WRAPPED.includes(name))
  const inner = programName(line.command)
  if (inner === 'eks-get-token') return undefined
  const isPlugin = WRAPPED.includes(inner) && (inner !== 'aws' || line.args.includes('get-token'))
  const plugin = isPlugin ? inner : IN_SCRIPT.exec(args.join(' '))?.[1]
  if (plugin === undefined) return left('it runs another plugin')
  const own = plugin === 'aws' ? 'eks-get-token' : "'eks-get-token --cluster-name NAME'"
  return left(`it runs ${plugin} through a wrapper: replace ${plugin} with ${own} in its arguments manually`)
}

function left(reason: string): Outcome {
  return { status: 'left', reason }
}

function converted(reason: string, { apiVersion }: ExecCommand, command: string, args: readonly string[]): Outcome {
  // kubectl 1.24 and later reject v1alpha1.
  const version = apiVersion === `${API_GROUP}/v1alpha1` ? `${API_GROUP}/v1beta1` : apiVersion
  return { status: 'converted', reason, after: { command, args, apiVersion: version } }
}

const API_GROUP = 'client.authentication.k8s.io'

/** The arguments stay byte for byte. */
function convertAws(
  exec: ExecCommand,
  program: string,
  parseArguments: ParseArguments,
  isNamedByCluster: boolean,
): Outcome {
  const { args } = exec
  if (!args.includes('eks') || !args.includes('get-token')) return left("it does not run 'aws eks get-token'")
  try {
    const { command, values } = parseArguments(args)
    if (command !== 'get-token') return left("it does not run 'aws eks get-token'")
    const isNamed = isNamedByCluster || values.has('cluster-name') || values.has('cluster-id')
    return converted(isNamed ? '' : 'warning: no cluster is specified', exec, program, args)
  } catch (error) {
    if (!isEksTokenError(error)) throw error
    return left('get-token does not accept its arguments')
  }
}

/** https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.4/cmd/aws-iam-authenticator/token.go */
const AUTHENTICATOR_OPTIONS: Readonly<Record<string, string>> = {
  '-i': 'cluster',
  '--cluster-id': 'cluster',
  '-r': 'role',
  '--role': 'role',
  '-s': 'session',
  '--session-name': 'session',
  '--region': 'region',
  '--log-format': 'ignored',
}

/** Of the exec block, in place of the options of the same meaning. https://github.com/kubernetes-sigs/aws-iam-authenticator/tree/v0.7.4/cmd/aws-iam-authenticator */
const AUTHENTICATOR_VARIABLES = { cluster: 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID', role: 'DEFAULT_ROLE' } as const

function convertAuthenticator(exec: ExecCommand, program: string, env: readonly unknown[]): Outcome {
  const values: Record<string, string> = {}
  const words: string[] = []
  const notes: string[] = []
  const { args } = exec
  for (let index = 0; index < args.length; index++) {
    const word = args[index] as string
    // As in `--role=ARN`, `-r=ARN` and `-rARN`.
    const [, option = word, joined] = /^(--[^=]*)=(.*)$/s.exec(word) ?? /^(-[irs])=?(.+)$/s.exec(word) ?? []
    const key = AUTHENTICATOR_OPTIONS[option]
    if (key !== undefined) {
      const value = joined ?? args[++index]
      if (value === undefined) return left(`${option} has no value`)
      values[key] = value
    } else if (word === '--cache') notes.push('--cache is dropped: this program caches roles itself')
    else if (word.startsWith('-')) return left(`${option} would change the identity or the output`)
    else words.push(word)
  }
  if (words.length !== 1 || words[0] !== 'token') return left("it does not run 'aws-iam-authenticator token'")
  const variable = (name: string): string | undefined => textField(findNamed(env, name), 'value')
  const { region, session } = values
  const cluster = values.cluster ?? variable(AUTHENTICATOR_VARIABLES.cluster)
  const role = values.role ?? variable(AUTHENTICATOR_VARIABLES.role)
  if (!cluster) return left('no cluster is specified')
  if (session !== undefined && !role) notes.push('the session name is dropped: no role is specified')
  return converted(notes.join('; '), exec, program, [
    ...(region ? ['--region', region] : []),
    ...['eks', 'get-token', '--cluster-name', cluster, '--output', 'json'],
    ...(role ? ['--role', role] : []),
    ...(role && session !== undefined ? ['--role-session-name', session] : []),
  ])
}
