import { field, isRecord, tryParseJson } from '../json.ts'
import { parsePythonJson } from '../python/json.ts'

const V1 = 'client.authentication.k8s.io/v1'
const V1BETA1 = 'client.authentication.k8s.io/v1beta1'
const V1ALPHA1 = 'client.authentication.k8s.io/v1alpha1'

/** What the client that runs the plugin passes in KUBERNETES_EXEC_INFO. */
export interface ExecInfo {
  /** True when the variable is set, whatever its value. */
  readonly isSet: boolean
  /** The apiVersion of the ExecCredential to print: a client rejects any other than its own. */
  readonly apiVersion: string
  /** `spec.interactive`: whether the plugin may prompt; false when it is missing. */
  readonly interactive: boolean
  /** `spec.cluster`, unvalidated: where the client sends the token; undefined without `provideClusterInfo`. */
  readonly cluster: unknown
  /** What to warn of on success. */
  readonly problem: 'malformed' | 'deprecated' | 'unrecognized' | undefined
}

/**
 * Parses KUBERNETES_EXEC_INFO as the AWS CLI does, except that JSON other than an object counts as malformed: there it
 * crashes.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
 */
export function parseExecInfo(text: string | undefined): ExecInfo {
  const info = { isSet: Boolean(text), apiVersion: V1BETA1, interactive: false, cluster: undefined, problem: undefined }
  if (!text) return info
  const object = tryParseJson(text, parsePythonJson)
  if (!isRecord(object)) return { ...info, problem: 'malformed' }
  const { apiVersion, spec } = object
  const known = { ...info, interactive: field(spec, 'interactive') === true, cluster: field(spec, 'cluster') }
  if (apiVersion === V1 || apiVersion === V1BETA1) return { ...known, apiVersion }
  if (apiVersion === V1ALPHA1) return { ...known, apiVersion, problem: 'deprecated' }
  return { ...known, problem: 'unrecognized' }
}
