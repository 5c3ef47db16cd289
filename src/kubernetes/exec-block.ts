import { asList, field, textField } from '../json.ts'
import type { Exec } from './kubeconfig/config-types.ts'

/** The exec block of a user, as kubectl understands it. */
export interface ExecBlock {
  readonly apiVersion: string
  /** As written; a path that contains the separator of the platform is resolved against the directory of the kubeconfig. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The names as written: kubectl rejects an empty one. */
  readonly envNames: readonly string[]
  /** With kubectl's default; empty: missing. */
  readonly interactiveMode: string
  readonly provideClusterInfo: boolean
}

/** What of an exec block decides the identity. */
export type PluginExec = Pick<ExecBlock, 'command' | 'args' | 'env'>

export function toExecBlock({ apiVersion, command, args, env, interactiveMode, provideClusterInfo }: Exec): ExecBlock {
  return {
    apiVersion,
    command,
    args,
    env: Object.fromEntries(env.map(({ name, value }) => [name, value])),
    envNames: env.map(({ name }) => name),
    // https://github.com/kubernetes/client-go/blob/v0.34.1/tools/clientcmd/api/v1/defaults.go
    interactiveMode: interactiveMode || (/\/v1(alpha1|beta1)$/.test(apiVersion) ? 'IfAvailable' : ''),
    provideClusterInfo,
  }
}

/** The exec block that a client hands on as it is in the file, with unchecked types; undefined: none. */
export function parseExecBlock(exec: unknown): PluginExec | undefined {
  const command = textField(exec, 'command')
  if (command === undefined) return undefined
  const env = asList(field(exec, 'env')).flatMap((item) => {
    const name = textField(item, 'name')
    return name === undefined ? [] : [[name, textField(item, 'value') ?? ''] as const]
  })
  return { command, args: asList(field(exec, 'args')).map(String), env: Object.fromEntries(env) }
}
