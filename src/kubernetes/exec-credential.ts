/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#ExecCredential */
export interface ExecCredential {
  readonly kind: 'ExecCredential'
  readonly apiVersion: string
  readonly spec: Record<string, never>
  readonly status: {
    /** RFC 3339, whole seconds, UTC. */
    readonly expirationTimestamp: string
    readonly token: string
  }
}

/** The answer that a client reads from stdout; its keys are in the AWS CLI's order. */
export function toExecCredential(token: string, expiresAt: Date, apiVersion: string): ExecCredential {
  const expirationTimestamp = `${expiresAt.toISOString().slice(0, 19)}Z`
  return { kind: 'ExecCredential', apiVersion, spec: {}, status: { expirationTimestamp, token } }
}
