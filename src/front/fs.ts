import { Buffer } from './buffer.ts'
import { handOver } from './hand-over.ts'
import { isWindows, native, wellFormed } from './native.ts'
import { flush, holdBack } from './stderr.ts'
import { isPlainPath } from './windows-path.ts'

// `node:fs` as far as a run needs it that only reads. What writes is left to the full program.

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK, O_NOFOLLOW } = native
export const constants = { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK, O_NOFOLLOW }

/** No file that is read is larger (MAX_BYTES of read-when-ready.ts). */
const MAX_BYTES = 16 << 20

const S_IFMT = 0o170000

export class Stats {
  readonly ino: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtimeMs: number
  readonly dev: number

  constructor([ino = 0, mode = 0, uid = 0, gid = 0, size = 0, mtimeMs = 0, dev = 0]: readonly number[]) {
    this.ino = ino
    this.mode = mode
    this.uid = uid
    this.gid = gid
    this.size = size
    this.mtimeMs = mtimeMs
    this.dev = dev
  }

  isFile(): boolean {
    return (this.mode & S_IFMT) === 0o100000
  }

  isDirectory(): boolean {
    return (this.mode & S_IFMT) === 0o040000
  }

  isFIFO(): boolean {
    return (this.mode & S_IFMT) === 0o010000
  }
}

export function statSync(path: string, { throwIfNoEntry = true } = {}): Stats | undefined {
  const result = native.stat(pathText(path), 0)
  if (typeof result !== 'number') {
    const stats = new Stats(result)
    // What this process reads from it would be missing in the full program.
    return stats.isFIFO() ? handOver('the run must read a pipe') : stats
  }
  if (!throwIfNoEntry && native.errorName(-result)[0] === 'ENOENT') return undefined
  throw systemError(result, 'stat', path)
}

export function lstatSync(path: string): Stats {
  const result = native.stat(pathText(path), 1)
  if (typeof result === 'number') throw systemError(result, 'lstat', path)
  return new Stats(result)
}

export function fstatSync(descriptor: number): Stats {
  const result = native.stat(descriptor, 2)
  if (typeof result === 'number') throw systemError(result, 'fstat')
  return new Stats(result)
}

export function existsSync(path: string): boolean {
  return !path.includes('\0') && typeof native.stat(pathText(path), 0) !== 'number'
}

/** @param flags - number, or `r` */
export function openSync(path: string, flags: number | 'r' = 'r'): number {
  const bits = flags === 'r' ? O_RDONLY : flags
  if ((bits & (O_WRONLY | O_RDWR | O_CREAT)) !== 0) handOver('the run must write a file')
  const result = native.open(pathText(path), bits)
  if (result < 0) throw systemError(result, 'open', path)
  return result
}

export function closeSync(descriptor: number): void {
  const result = native.close(descriptor)
  if (result < 0) throw systemError(result, 'close')
}

export function readSync(descriptor: number, bytes: Uint8Array): number {
  const result = native.read(descriptor, bytes)
  if (result < 0) throw systemError(result, 'read')
  return result
}

export function writeSync(descriptor: number, bytes: Uint8Array): number {
  if (descriptor === 2) {
    holdBack(bytes)
    return bytes.length
  }
  flush()
  const result = native.write(descriptor, bytes)
  if (result < 0) throw systemError(result, 'write')
  return result
}

export function readFileSync(file: string | number): Buffer
export function readFileSync(file: string | number, encoding: 'utf8' | 'latin1'): string
export function readFileSync(file: string | number, encoding?: 'utf8' | 'latin1'): Buffer | string {
  const descriptor = typeof file === 'string' ? openSync(file) : file
  try {
    const bytes = readAll(descriptor)
    return encoding === undefined ? bytes : bytes.toString(encoding)
  } finally {
    if (typeof file === 'string') closeSync(descriptor)
  }
}

function readAll(descriptor: number): Buffer {
  const { size } = fstatSync(descriptor)
  // One more byte than expected: the end is the read that returns nothing.
  let bytes = Buffer.alloc(Math.min(size, MAX_BYTES) + 1)
  let length = 0
  for (;;) {
    const count = readSync(descriptor, bytes.subarray(length))
    if (count === 0) return bytes.subarray(0, length)
    length += count
    if (length > MAX_BYTES) handOver('a file exceeds the size limit')
    if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)])
  }
}

export function readlinkSync(path: string): string {
  const result = native.readlink(pathText(path))
  if (typeof result === 'number') throw systemError(result, 'readlink', path)
  return result
}

const leaveToFullProgram = (): never => handOver('the run must write files')
export const accessSync = leaveToFullProgram
export const createReadStream = leaveToFullProgram
export const fchmodSync = leaveToFullProgram
export const fchownSync = leaveToFullProgram
export const fsyncSync = leaveToFullProgram
export const ftruncateSync = leaveToFullProgram
export const mkdirSync = leaveToFullProgram
export const readdirSync = leaveToFullProgram
export const realpathSync = leaveToFullProgram
export const renameSync = leaveToFullProgram
export const statfsSync = leaveToFullProgram
export const unlinkSync = leaveToFullProgram

function pathText(path: string): string {
  if (!path.includes('\0')) {
    if (isWindows && !isPlainPath(path)) handOver('a file path has an unusual form')
    return wellFormed(path)
  }
  const error = new TypeError(
    `The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received '${path.replaceAll('\0', '\\x00')}'`,
  )
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
}

/** `ENOENT: no such file or directory, open '/path'` */
function systemError(result: number, syscall: string, file?: string): Error {
  const path = file === undefined ? undefined : wellFormed(file)
  const [code, message] = native.errorName(-result)
  const error = new Error(`${code}: ${message}, ${syscall}${path === undefined ? '' : ` '${path}'`}`)
  return Object.assign(error, { errno: result, code, syscall, ...(path === undefined ? {} : { path }) })
}
