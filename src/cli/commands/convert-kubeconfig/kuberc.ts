import { asList, field, textField } from '../../../json.ts'
import { escapeControlsInJson } from '../../../redact.ts'
import { programName } from './convert-exec.ts'

/**
 * The allowlist of credential plugins, with the commands as they are in the kubeconfigs: kubectl compares their text. Other plugins
 * are in it as comments.
 * https://kubernetes.io/docs/reference/kubectl/kuberc/
 *
 * @param program - the command that a conversion would write
 */
export function kuberc(configs: readonly unknown[], program: string): string {
  const commands = configs.flatMap((config) =>
    asList(field(config, 'users')).flatMap((entry) => textField(field(field(entry, 'user'), 'exec'), 'command') ?? []),
  )
  const isOwn = (command: string): boolean => programName(command) === 'eks-get-token'
  const own = new Set([...commands.filter(isOwn), program])
  const others = new Set(commands.filter((command) => !isOwn(command)))
  const lines = [
    '# Clients that read this file run only the credential plugins in this list. It does not restrict the arguments and variables',
    '# in an exec block. A name without a path also allows another program with that name that is earlier in PATH.',
    "# kubectl 1.35 reads 'name' instead of 'command'.",
    'apiVersion: kubectl.config.k8s.io/v1beta1',
    'kind: Preference',
    'credentialPluginPolicy: Allowlist',
    'credentialPluginAllowlist:',
    ...[...own].map((command) => `- command: ${escapeControlsInJson(JSON.stringify(command))}`),
    ...(others.size === 0 ? [] : ['# Other plugins in the kubeconfig, which this list blocks:']),
    ...[...others].map((command) => `# - command: ${escapeControlsInJson(JSON.stringify(withoutAssignment(command)))}`),
  ]
  return `${lines.join('\n')}\n`
}

/** A command may be a misplaced `TOKEN=… aws`. */
function withoutAssignment(command: string): string {
  return command.replace(/=[\s\S]*$/, '=…')
}
