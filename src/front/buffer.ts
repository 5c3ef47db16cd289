import { native, wellFormed } from './native.ts'

/** Without the static methods, of which Node's have more forms. */
const Bytes = Uint8Array as unknown as new (source: unknown, offset?: number, length?: number) => Uint8Array

/** Node's `Buffer` with the encodings that a run needs. Any other throws. */
export class Buffer extends Bytes {
  static alloc(size: number): Buffer {
    return new Buffer(size)
  }

  static from(source: string | ArrayBuffer | ArrayLike<number>, encodingOrOffset?: unknown, length?: number): Buffer {
    if (source instanceof ArrayBuffer) return new Buffer(source, encodingOrOffset as number | undefined, length)
    if (typeof source !== 'string') return new Buffer(source)
    if (encodingOrOffset === undefined || encodingOrOffset === 'utf8' || encodingOrOffset === 'utf-8') {
      return new Buffer(native.encode(wellFormed(source)))
    }
    throw new TypeError(`Buffer.from: encoding ${encodingOrOffset}`)
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const bytes = new Buffer(parts.reduce((sum, { length }) => sum + length, 0))
    let position = 0
    for (const part of parts) {
      bytes.set(part, position)
      position += part.length
    }
    return bytes
  }

  static byteLength(text: string): number {
    return native.encode(wellFormed(text)).byteLength
  }

  override subarray(start?: number, end?: number): Buffer {
    return super.subarray(start, end) as Buffer
  }

  override toString(encoding = 'utf8'): string {
    switch (encoding) {
      case 'utf8':
      case 'utf-8':
        return native.decode(this, false) ?? ''
      case 'base64':
      case 'base64url':
        return native.base64(this, encoding === 'base64url')
      case 'hex':
        return Array.from(this, (byte) => (byte + 256).toString(16).slice(1)).join('')
      case 'latin1':
        return Array.from(this, (byte) => String.fromCharCode(byte)).join('')
      default:
        throw new TypeError(`Buffer.toString: encoding ${encoding}`)
    }
  }
}
