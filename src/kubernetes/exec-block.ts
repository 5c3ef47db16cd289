import { asList, field, textField } from '../json.ts'

/** The exec block of a kubeconfig user: the credential plugin that a client runs. */
export interface ExecBlock {
  readonly apiVersion: string | undefined
  /** As written; a path that contains the separator of the platform is resolved against the directory of the kubeconfig. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly interactiveMode: string | undefined
  readonly provideClusterInfo: boolean
}

/** @returns undefined for an exec block without a command */
export function parseExecBlock(exec: unknown): ExecBlock | undefined {
  const command = textField(exec, 'command')
  if (command === undefined) return undefined
  const env = asList(field(exec, 'env')).flatMap((item) => {
    const name = textField(item, 'name')
    return name === undefined ? [] : [[name, textField(item, 'value') ?? ''] as const]
  })
  return {
    apiVersion: textField(exec, 'apiVersion'),
    command,
    args: asList(field(exec, 'args')).map(String),
    env: Object.fromEntries(env),
    interactiveMode: textField(exec, 'interactiveMode'),
    provideClusterInfo: field(exec, 'provideClusterInfo') === true,
  }
}
