/**
 * The functions of front.c, for the platform. Each returns its result, or a negative error number. Strings that are passed to them are
 * well-formed, and paths contain no NUL.
 */
interface Native {
  /** @returns undefined for invalid UTF-8 if it is fatal */
  readonly decode: (bytes: Uint8Array, isFatal: boolean) => string | undefined
  readonly encode: (text: string) => ArrayBuffer
  readonly base64: (bytes: Uint8Array, isUrl: boolean) => string
  readonly sha256: (bytes: Uint8Array) => ArrayBuffer
  readonly open: (path: string, flags: number) => number
  readonly close: (descriptor: number) => number
  readonly read: (descriptor: number, bytes: Uint8Array) => number
  readonly write: (descriptor: number, bytes: Uint8Array) => number
  /** @param kind - 0: stat, 1: lstat, 2: fstat @returns ino, mode, uid, gid, size, mtimeMs, dev */
  readonly stat: (pathOrDescriptor: string | number, kind: 0 | 1 | 2) => number | readonly number[]
  readonly readlink: (path: string) => string | number
  /** The path of the front, behind links; undefined if it is unknown. */
  readonly executable: () => string | undefined
  readonly environment: () => Record<string, string>
  readonly arguments: () => string[]
  readonly passwdHome: () => string | undefined
  readonly hostName: () => string
  readonly processId: () => number
  /** -1 on Windows. */
  readonly userId: () => number
  readonly isTerminal: (descriptor: number) => boolean
  /** Milliseconds of a clock that never jumps. */
  readonly clock: () => number
  readonly sleep: (milliseconds: number) => void
  /** On Windows only: minutes from local time to UTC, at a time in milliseconds since 1970. */
  readonly timezoneOffset?: (time: number) => number
  readonly handleInterrupt: (isHandled: boolean) => void
  readonly exit: (code: number) => never
  /**
   * Leaves the rest of the run to a program with the same arguments, after `word` if it is given. It replaces this process,
   * which on Windows waits for it, and ends with its exit code. Returns only on failure.
   */
  readonly become: (program: string, word: string | undefined) => number
  /** @returns the code and the message of an error number, as in Node */
  readonly errorName: (errorNumber: number) => readonly [code: string, message: string]
  readonly O_RDONLY: number
  readonly O_WRONLY: number
  readonly O_RDWR: number
  readonly O_CREAT: number
  readonly O_EXCL: number
  /** Not on Windows, as in Node. */
  readonly O_NONBLOCK?: number
  readonly O_NOFOLLOW?: number
  readonly platform: 'linux' | 'darwin' | 'win32'
}

declare const frontNative: Native

export const native: Native = frontNative

export const isWindows = native.platform === 'win32'

/** Text without unpaired surrogates, which UTF-8 cannot represent: Node replaces each by U+FFFD. */
export function wellFormed(text: string): string {
  return (text as unknown as { toWellFormed: () => string }).toWellFormed()
}
