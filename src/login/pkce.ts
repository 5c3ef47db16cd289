import { createHash, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'

/** https://www.rfc-editor.org/rfc/rfc7636#section-4.1 */
const VERIFIER_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
/** As the AWS CLI; the minimum is 43. */
const VERIFIER_LENGTH = 64

/** The secrets of one authorization request: no other process can redeem its code, or send a callback for it. */
export interface AuthorizationSecrets {
  readonly state: string
  readonly codeVerifier: string
  /** Sent with the request: Base64url of the SHA-256 of the verifier. */
  readonly codeChallenge: string
}

export function createAuthorizationSecrets(): AuthorizationSecrets {
  const characters = Array.from({ length: VERIFIER_LENGTH }, () => {
    return VERIFIER_CHARACTERS[randomInt(VERIFIER_CHARACTERS.length)]
  })
  const codeVerifier = characters.join('')
  return { state: randomUUID(), codeVerifier, codeChallenge: codeChallengeOf(codeVerifier) }
}

/** https://www.rfc-editor.org/rfc/rfc7636#section-4.2 (`S256`) */
function codeChallengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url')
}

/** Whether two texts are equal, in a time that does not depend on where they differ. */
export function isSameSecret(text: string, secret: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(text), digest(secret))
}
