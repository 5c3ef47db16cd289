// The code signature of a 64-bit Mach-O executable. Bun writes its program into a copy of its runtime: on arm64 it signs
// the result, on x64 it leaves the signature of the runtime, which does not match, and macOS kills the program at its start.
// https://github.com/apple-oss-distributions/xnu/blob/xnu-11215.1.10/osfmk/kern/cs_blobs.h
import { createHash } from 'node:crypto'

const MACHO_64 = 0xfeedfacf
const LC_LOAD_DYLIB = 0xc
const LC_SEGMENT_64 = 0x19
const LC_CODE_SIGNATURE = 0x1d

const SUPER_BLOB = 0xfade0cc0
const CODE_DIRECTORY = 0xfade0c02
/** The fields up to `execSegFlags`. */
const CODE_DIRECTORY_VERSION = 0x20400
const CODE_DIRECTORY_SIZE = 88
/** CS_ADHOC and CS_LINKER_SIGNED: without a certificate, as linkers sign. */
const AD_HOC = 0x20002
const SHA256 = { size: 32, type: 2 }
const PAGE_BITS = 12
const MAIN_BINARY = 1n
/** Segments are aligned to the largest page size of macOS. */
const SEGMENT_ALIGNMENT = 16384

/**
 * @param {Buffer} file
 * @returns the architecture, the shared libraries, and where segments and signature are
 */
export function parseMachO(file) {
  if (file.readUInt32LE(0) !== MACHO_64) throw new Error('not a 64-bit Mach-O file')
  const architecture = { 16777223: 'x64', 16777228: 'arm64' }[file.readUInt32LE(4)]
  const segments = new Map()
  const libraries = []
  let signature
  let command = 32
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const kind = file.readUInt32LE(command) & 0x7fffffff
    if (kind === LC_SEGMENT_64) segments.set(textAt(file, command + 8), command)
    if (kind === LC_LOAD_DYLIB) libraries.push(textAt(file, command + file.readUInt32LE(command + 8)))
    if (kind === LC_CODE_SIGNATURE) {
      signature = { command, start: file.readUInt32LE(command + 8), size: file.readUInt32LE(command + 12) }
    }
    command += file.readUInt32LE(command + 4)
  }
  return { architecture, libraries, segments, signature }
}

/**
 * @param {Buffer} file
 * @returns {string | undefined} why macOS would not run the file; undefined: its signature is valid
 */
export function signatureProblem(file) {
  const { signature } = parseMachO(file)
  if (!signature) return 'it has no signature'
  const { start, size } = signature
  if (start + size !== file.length) return `the signature ends at ${start + size} of ${file.length} bytes`
  const directory = codeDirectory(file.subarray(start))
  if (!directory) return 'the signature has no code directory'
  if (directory.limit !== start) return `${directory.limit} of ${start} bytes are signed`
  const expected = pageHashes(file.subarray(0, start), directory.pageBits)
  return expected.equals(directory.hashes) ? undefined : 'a page has changed since it was signed'
}

function codeDirectory(blob) {
  if (blob.readUInt32BE(0) !== SUPER_BLOB) return undefined
  for (let index = 0; index < blob.readUInt32BE(8); index++) {
    const start = blob.readUInt32BE(16 + 8 * index)
    if (blob.readUInt32BE(start) !== CODE_DIRECTORY) continue
    const directory = blob.subarray(start, start + blob.readUInt32BE(start + 4))
    if (directory[37] !== SHA256.type) continue
    const hashes = directory.readUInt32BE(16)
    const hashesEnd = hashes + directory.readUInt32BE(28) * SHA256.size
    return { limit: directory.readUInt32BE(32), pageBits: directory[39], hashes: directory.subarray(hashes, hashesEnd) }
  }
  return undefined
}

/**
 * @param {Buffer} file - with a signature, whose place is used
 * @param {string} identifier
 * @returns {Buffer} the file with an ad-hoc signature
 */
export function signAdHoc(file, identifier) {
  const { signature, segments } = parseMachO(file)
  if (!signature) throw new Error('the file has no place for a signature')
  const { start } = signature
  const name = Buffer.from(`${identifier}\0`)
  const pages = Math.ceil(start / (1 << PAGE_BITS))
  const hashesStart = CODE_DIRECTORY_SIZE + name.length
  const directorySize = hashesStart + pages * SHA256.size
  const header = words(SUPER_BLOB, 20 + directorySize, 1, 0, 20)
  const size = Math.ceil((header.length + directorySize) / 16) * 16

  // The load commands are signed, so they are changed first.
  const signed = Buffer.from(file.subarray(0, start))
  signed.writeUInt32LE(size, signature.command + 12)
  const linkEdit = segments.get('__LINKEDIT')
  const linkEditSize = start + size - Number(signed.readBigUInt64LE(linkEdit + 40))
  signed.writeBigUInt64LE(BigInt(linkEditSize), linkEdit + 48)
  signed.writeBigUInt64LE(BigInt(Math.ceil(linkEditSize / SEGMENT_ALIGNMENT) * SEGMENT_ALIGNMENT), linkEdit + 32)

  const text = segments.get('__TEXT')
  const directory = Buffer.alloc(CODE_DIRECTORY_SIZE)
  words(
    CODE_DIRECTORY,
    directorySize,
    CODE_DIRECTORY_VERSION,
    AD_HOC,
    hashesStart,
    CODE_DIRECTORY_SIZE,
    0,
    pages,
    start,
  ).copy(directory)
  directory.set([SHA256.size, SHA256.type, 0, PAGE_BITS], 36)
  directory.writeBigUInt64BE(signed.readBigUInt64LE(text + 40), 64)
  directory.writeBigUInt64BE(signed.readBigUInt64LE(text + 48), 72)
  directory.writeBigUInt64BE(MAIN_BINARY, 80)

  const parts = [signed, header, directory, name, pageHashes(signed, PAGE_BITS)]
  const padding = Buffer.alloc(size - header.length - directorySize)
  return Buffer.concat([...parts, padding])
}

function pageHashes(bytes, pageBits) {
  const hashes = []
  for (let start = 0; start < bytes.length; start += 1 << pageBits) {
    hashes.push(
      createHash('sha256')
        .update(bytes.subarray(start, start + (1 << pageBits)))
        .digest(),
    )
  }
  return Buffer.concat(hashes)
}

function words(...values) {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, 4 * index)
  })
  return bytes
}

function textAt(file, start) {
  return file.toString('latin1', start, file.indexOf(0, start)).slice(0, 1024)
}
