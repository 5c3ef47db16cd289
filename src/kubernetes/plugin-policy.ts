import { basename } from 'node:path'
import { asList, field, textField } from '../json.ts'
import type { Runtime } from '../runtime.ts'
import { withNativeSeparators } from '../shown-path.ts'
import { kubeHome } from './kube-home.ts'
import { readGoYaml } from './kubeconfig/go-yaml.ts'

/** What kubectl's preferences (kuberc) say about a credential plugin. */
export interface PluginPolicy {
  readonly allowed: boolean
  /** In words, with the file. */
  readonly reason: string
}

/**
 * Whether kubectl 1.35 and later may run a command. Arguments are not considered, and symbolic links are not resolved.
 * https://kubernetes.io/docs/reference/kubectl/kuberc/
 *
 * @param resolvedPath - where the command was found on PATH; an allowlist may contain either
 * @throws EksTokenError `ERR_KUBECONFIG` for a kuberc that is not valid YAML
 */
export function pluginPolicy(
  command: string,
  resolvedPath: string | undefined,
  runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost' | 'readText'>,
): PluginPolicy {
  const { env, readText } = runtime
  if (env.KUBERC === 'off') return { allowed: true, reason: 'kuberc is disabled (KUBERC=off)' }
  const file = withNativeSeparators(env.KUBERC || `${kubeHome(runtime) ?? ''}/.kube/kuberc`)
  const text = readText(file)
  if (text === undefined) return { allowed: true, reason: 'no kuberc file' }
  const preferences = readGoYaml(Buffer.from(text), file).value
  const policy = textField(preferences, 'credentialPluginPolicy') ?? ''
  if (policy === '' || policy === 'AllowAll') return { allowed: true, reason: `${file} allows all plugins` }
  if (policy !== 'Allowlist') return { allowed: false, reason: `${file} sets credentialPluginPolicy: ${policy}` }
  const commands = asList(field(preferences, 'credentialPluginAllowlist')).map(
    // `name` in 1.35, `command` since.
    (item) => textField(item, 'command') ?? textField(item, 'name'),
  )
  const allowed = commands.some((entry) => entry !== undefined && (entry === command || entry === resolvedPath))
  const reason = allowed
    ? `${file} allows ${basename(command)}`
    : `${command} is not in the credentialPluginAllowlist of ${file}`
  return { allowed, reason }
}
