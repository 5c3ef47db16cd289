import { sha1 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** The AWS CLI derives the names of its cache files with SHA-1; security does not depend on it. */
export function sha1Hex(text: string): string {
  return hex(sha1(new TextEncoder().encode(text)))
}

export function sha256Hex(text: string): string {
  return hex(sha256(new TextEncoder().encode(text)))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
