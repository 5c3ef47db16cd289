import { Buffer } from './buffer.ts'
import { native } from './native.ts'

/** In place of that of @noble/hashes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(native.sha256(bytes))
}

/** In place of that of @aws-crypto/sha256-js, whose HMAC uses it: interpreted, hashing is a third of a run. */
export class RawSha256 {
  finished = false
  readonly #parts: Uint8Array[] = []

  update(data: Uint8Array): void {
    if (this.finished) throw new Error('Attempted to update an already finished hash.')
    // The caller may reuse its buffer.
    this.#parts.push(data.slice())
  }

  digest(): Uint8Array {
    this.finished = true
    return sha256(Buffer.concat(this.#parts))
  }
}
