/**
 * What a credential plugin prints for its client.
 * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#ExecCredential
 */
export interface ExecCredential {
  /** Always this word. */
  readonly kind: 'ExecCredential'
  /** `client.authentication.k8s.io/v1` or `…/v1beta1`. */
  readonly apiVersion: string
  /** Empty, as in the AWS CLI. */
  readonly spec: Record<string, never>
  /** The token. */
  readonly status: {
    /** RFC 3339, whole seconds, UTC. */
    readonly expirationTimestamp: string
    /** The bearer token. */
    readonly token: string
  }
}

/**
 * The object that a client reads from stdout, with its keys in the AWS CLI's order.
 *
 * @param apiVersion - the version that the client requested; default `client.authentication.k8s.io/v1beta1`, as in the
 *   AWS CLI
 */
export function toExecCredential(
  token: string,
  expiresAt: Date,
  apiVersion = 'client.authentication.k8s.io/v1beta1',
): ExecCredential {
  const expirationTimestamp = `${expiresAt.toISOString().slice(0, 19)}Z`
  return { kind: 'ExecCredential', apiVersion, spec: {}, status: { expirationTimestamp, token } }
}
