/** https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go (v1Prefix) */
export const PREFIX = 'k8s-aws-v1.'

/**
 * The maximum length that API servers accept; they reject a longer token before any other check.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go (maxTokenLenBytes)
 */
export const MAX_TOKEN_BYTES = 4096

/**
 * How long clients may use a token, in minutes: STS accepts the URL for 15, less a margin of one.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/eks/get_token.py (TOKEN_EXPIRATION_MINS)
 */
const TOKEN_LIFETIME_MINUTES = 14

/** The bearer token for a presigned URL: `k8s-aws-v1.` and the URL in unpadded base64url. */
export function encodeToken(url: string): string {
  return PREFIX + Buffer.from(url, 'utf8').toString('base64url')
}

/** 14 minutes after `now`, or the expiration of the credentials if that is earlier. */
export function tokenExpiration(now: Date, credentialsExpiration: Date | undefined): Date {
  const end = now.getTime() + TOKEN_LIFETIME_MINUTES * 60_000
  return new Date(credentialsExpiration ? Math.min(end, credentialsExpiration.getTime()) : end)
}
