import type { Settings } from '../../../config/settings.ts'
import type { Plan } from '../../../credentials/sources/registry.ts'
import type { Environment } from '../../../runtime.ts'

/** Variables that decide where credentials and tokens are sent, and whom a connection trusts. */
const ROUTES = [
  ...['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'AWS_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'],
  ...['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_EC2_METADATA_SERVICE_ENDPOINT'],
]
/** Variables that name the files with the profiles. */
const FILES = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'HOME', 'USERPROFILE']
/** Variables that only select what the files of the user contain. */
const SELECTION = /^AWS_(DEFAULT_)?(PROFILE|REGION|OUTPUT)$|^AWS_(STS_REGIONAL_ENDPOINTS|SDK_LOAD_CONFIG|PAGER)$/

export interface Distrust {
  readonly reason: string
  /** The variables that the user would have to set. */
  readonly variables: readonly string[]
  /** Never, not even with `--send-token`. */
  readonly isFinal: boolean
}

/**
 * Why credentials are not loaded by what a kubeconfig says: it may come from somebody else. A proxy, a certificate authority
 * or an endpoint that only its `env` names could read tokens and logins, and a program that it names would be run.
 *
 * @param plugin - the variables of the plugin
 * @param shell - those of the user
 */
export function distrustOf(
  plan: Plan,
  settings: Settings,
  plugin: Environment,
  shell: Environment,
): Distrust | undefined {
  const changed = Object.keys(plugin).filter((name) => plugin[name] && plugin[name] !== shell[name])
  if (isProcess(plan)) {
    const variables = changed.filter((name) => !SELECTION.test(name) && name !== 'KUBERNETES_EXEC_INFO')
    if (variables.length > 0) {
      const reason = `the credential_process is not run, because ${listOf(variables)} in the kubeconfig could change what it runs`
      return { reason, variables, isFinal: true }
    }
  }
  const routes = changed.filter((name) => ROUTES.includes(name) || name.startsWith('AWS_ENDPOINT_URL'))
  const files = changed.filter((name) => FILES.includes(name))
  const variables = [...routes, ...(files.length > 0 && routesOfFiles(settings) ? files : [])]
  if (variables.length === 0) return undefined
  const reason = `no credentials are loaded, because only the kubeconfig sets ${listOf(variables)}, which could send them to another server`
  return { reason, variables, isFinal: false }
}

function isProcess(plan: Plan): boolean {
  return plan.kind === 'process' || (plan.kind === 'assume-role' && isProcess(plan.source))
}

function listOf(variables: readonly string[]): string {
  const names = variables.slice(0, 4).join(', ')
  return variables.length > 4 ? `${names}, …` : names.replace(/, (?=[^,]*$)/, ' and ')
}

/** Whether the profile names an endpoint or a certificate authority. */
function routesOfFiles({ network, endpoints }: Settings): boolean {
  const hasEndpoint = (['sso', 'sso-oidc', 'signin', 'eks'] as const).some((service) => endpoints.customUrl(service))
  return hasEndpoint || network.caBundle?.source.includes('of profile') === true
}
