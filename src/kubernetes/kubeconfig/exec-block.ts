import { asList, field, textField } from '../../json.ts'

/** The exec block that is written. */
export interface ExecEntry {
  readonly apiVersion: string
  readonly args: readonly string[]
  readonly command: string
  readonly env: readonly EnvVariable[]
  readonly installHint: string
  readonly interactiveMode: string
  /** Present for a user that serves many clusters: clients pass the cluster's extension to the plugin. */
  readonly provideClusterInfo?: true
}

export interface EnvVariable {
  readonly name: string
  readonly value: string
}

/** The cluster that an exec block names in its arguments, for any of the known plugins. */
export function clusterArgument(exec: unknown): string | undefined {
  return argument(exec, ['--cluster-name', '--cluster-id', '-i'])
}

/** The role in the arguments of an exec block. */
export function roleArgument(exec: unknown): string | undefined {
  return argument(exec, ['--role', '--role-arn', '-r'])
}

function argument(exec: unknown, names: readonly string[]): string | undefined {
  const words = asList(field(exec, 'args')).map(String)
  const index = words.findIndex((word) => names.includes(word.replace(/^(--[^=]*)=.*$/s, '$1')))
  const word = words[index]
  if (word === undefined) return undefined
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[index + 1]
}

/** kubectl prints it where the plugin is missing. */
export const INSTALL_HINT =
  "eks-get-token is required to authenticate to this cluster. Install it, or change 'command' to 'aws'."

/** For a shared user: the AWS CLI does not read the extension of the cluster, which has its name. */
export const SHARED_INSTALL_HINT = 'eks-get-token is required to authenticate to this cluster. Install it.'

/** Whether an exec block gets its cluster from the client, so that one user serves many clusters. */
export function isSharedUser(exec: unknown): boolean {
  return field(exec, 'provideClusterInfo') === true && clusterArgument(exec) === undefined
}

/** Whether the new exec block is for what the previous one was for. */
export function isSameUser(previous: unknown, exec: ExecEntry): boolean {
  if (exec.provideClusterInfo) return isSharedUser(previous)
  const name = clusterArgument(exec)
  return name !== undefined && name === clusterArgument(previous)
}

/** Whether an exec block runs one of the credential plugins for EKS, and not a wrapper of one. */
export function isEksPlugin(exec: unknown): boolean {
  const command = textField(exec, 'command')?.trim() ?? ''
  return /^(?:.*[\\/])?(?:aws|eks-get-token|aws-iam-authenticator|heptio-authenticator-aws)(?:\.(?:exe|cmd|bat|cjs))?$/is.test(
    command,
  )
}
