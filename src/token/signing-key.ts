import { Sha256 } from '@aws-crypto/sha256-js'

/**
 * Derives the key that signs requests for one day, region and service: 32 bytes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#calculate-signature
 *
 * @param date - in the form `20260131`
 */
export function signingKey(secretAccessKey: string, date: string, region: string, service: string): Uint8Array {
  let key: Uint8Array | string = `AWS4${secretAccessKey}`
  for (const part of [date, region, service, 'aws4_request']) key = hmac(key, part)
  return key as Uint8Array
}

function hmac(key: Uint8Array | string, text: string): Uint8Array {
  const hash = new Sha256(key)
  hash.update(text)
  return hash.digestSync()
}
