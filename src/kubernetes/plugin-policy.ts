import { basename } from 'node:path'
import { asList, field, parseYaml, textField } from './kubeconfig.ts'

/** What kubectl's preferences say of credential plugins. */
export type PluginPolicy =
  | { readonly allowed: true; readonly why: string }
  | { readonly allowed: false; readonly why: string; readonly file: string }

/**
 * Whether kubectl may start a command (1.35 and later): arguments are not looked at, symbolic links not resolved.
 * https://kubernetes.io/docs/reference/kubectl/kuberc/
 *
 * @param resolved - the path that the command was found at; a list may name either
 * @throws EksTokenError `ERR_KUBECONFIG` for a file that is no YAML
 */
export function pluginPolicy(
  command: string,
  resolved: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  homeDirectory: string | undefined,
  readText: (path: string) => string | undefined,
): PluginPolicy {
  if (env.KUBERC === 'off') return { allowed: true, why: 'kuberc is switched off (KUBERC)' }
  const file = env.KUBERC || `${homeDirectory ?? ''}/.kube/kuberc`
  const text = readText(file)
  if (text === undefined) return { allowed: true, why: 'no kuberc' }
  const preferences = parseYaml(text, file)
  const policy = textField(preferences, 'credentialPluginPolicy') ?? ''
  if (policy === '' || policy === 'AllowAll') return { allowed: true, why: `${file} allows all plugins` }
  if (policy !== 'Allowlist') return { allowed: false, why: `${file} has credentialPluginPolicy: ${policy}`, file }
  const names = asList(field(preferences, 'credentialPluginAllowlist')).map(
    // `name` in 1.35, `command` since.
    (item) => textField(item, 'command') ?? textField(item, 'name'),
  )
  const isListed = names.some((name) => name !== undefined && (name === command || name === resolved))
  if (isListed) return { allowed: true, why: `${file} lists ${basename(command)}` }
  return { allowed: false, why: `${file} has an allow list, and ${command} is not on it`, file }
}
