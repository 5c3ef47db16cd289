import { parsePythonJson } from '../python/json.ts'

const V1 = 'client.authentication.k8s.io/v1'
const V1BETA1 = 'client.authentication.k8s.io/v1beta1'
const V1ALPHA1 = 'client.authentication.k8s.io/v1alpha1'

/** What the client that started the plugin asks for. */
export interface ExecInfo {
  /** True when a client set the variable, whatever it says. */
  readonly given: boolean
  /** Goes into the answer: a client refuses another than its own. */
  readonly apiVersion: string
  /** True when the client says that a person is there who can be asked; false also where it does not say. */
  readonly interactive: boolean
  /** For the user, on success only, in the AWS CLI's words. */
  readonly warning: string | undefined
}

/**
 * Reads KUBERNETES_EXEC_INFO as the AWS CLI does; what is no JSON object counts as malformed (there: a crash).
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
 */
export function parseExecInfo(text: string | undefined): ExecInfo {
  if (!text) return { given: false, apiVersion: V1BETA1, interactive: false, warning: undefined }
  const object = readJson(text)
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return {
      given: true,
      apiVersion: V1BETA1,
      interactive: false,
      warning: `Error parsing KUBERNETES_EXEC_INFO, defaulting to ${V1BETA1}. This is likely a bug in your Kubernetes client. Please update your Kubernetes client.`,
    }
  }
  const { apiVersion, spec } = object as { apiVersion?: unknown; spec?: { interactive?: unknown } | null }
  const interactive = spec?.interactive === true
  if (apiVersion === V1 || apiVersion === V1BETA1) return { given: true, apiVersion, interactive, warning: undefined }
  if (apiVersion === V1ALPHA1) {
    return {
      given: true,
      apiVersion,
      interactive,
      warning: `Kubeconfig user entry is using deprecated API version ${V1ALPHA1}. Run 'aws eks update-kubeconfig' to update.`,
    }
  }
  return {
    given: true,
    apiVersion: V1BETA1,
    interactive,
    warning: `Unrecognized API version in KUBERNETES_EXEC_INFO, defaulting to ${V1BETA1}. This is likely due to an outdated AWS CLI. Please update your AWS CLI.`,
  }
}

/** undefined: no JSON. */
function readJson(text: string): unknown {
  try {
    return parsePythonJson(text)
  } catch {
    return undefined
  }
}
