import { Buffer } from './buffer.ts'
import { environment } from './environment.ts'
import { writeSync } from './fs.ts'
import { handOver } from './hand-over.ts'
import { isWindows, native, wellFormed } from './native.ts'
import { exit } from './stderr.ts'
import { URL } from './url.ts'

// The globals of Node that a run needs, and of those only the members that it uses.

class TextEncoder {
  encode(text: string): Uint8Array {
    return new Uint8Array(native.encode(wellFormed(text)))
  }
}

/** For UTF-8; a byte order mark stays in the text. */
class TextDecoder {
  readonly #isFatal: boolean

  constructor(encoding = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    if (encoding !== 'utf-8' || !ignoreBOM) throw new RangeError(`TextDecoder: ${encoding}`)
    this.#isFatal = fatal
  }

  decode(bytes: Uint8Array): string {
    const text = native.decode(bytes, this.#isFatal)
    if (text !== undefined) return text
    throw Object.assign(new TypeError('The encoded data was not valid for encoding utf-8'), {
      code: 'ERR_ENCODING_INVALID_ENCODED_DATA',
    })
  }
}

const process = {
  argv0: native.arguments()[0],
  argv: ['eks-get-token', 'eks-get-token', ...native.arguments().slice(1)],
  env: environment,
  platform: native.platform,
  versions: {},
  get pid() {
    return native.processId()
  },
  get execPath() {
    return handOver('the path of the program is required')
  },
  get stdin() {
    return handOver('stdin is required')
  },
  get stdout() {
    return stream(1)
  },
  get stderr() {
    return stream(2)
  },
  getuid: isWindows ? undefined : native.userId,
  // Starts a program that reads the registry of Windows.
  getBuiltinModule: () => handOver('the registry must be read'),
  kill: () => handOver('the run must send a signal'),
  exit,
  emit: () => false,
  getActiveResourcesInfo: () => [],
  on: listen,
  once: listen,
  off: forget,
  removeAllListeners: forget,
  rawListeners: (): (() => void)[] => [],
}

/** What is not a terminal has neither `isTTY` nor `columns`. */
function stream(descriptor: 1 | 2): object {
  if (!native.isTerminal(descriptor)) return {}
  if (!isWindows) return handOver('the terminal is required')
  return {
    isTTY: true,
    get columns() {
      return handOver('the terminal is required')
    },
    // Text beyond ASCII, to a console: `native.write` writes characters to it, whatever its code page is.
    write: (text: string) => writeSync(descriptor, Buffer.from(text)),
  }
}

/** The only listener of a run that is not handed over ends it on Ctrl-C. */
function listen(event: string): void {
  if (event === 'SIGINT') native.handleInterrupt(true)
}

function forget(event: string): void {
  if (event === 'SIGINT') native.handleInterrupt(false)
}

export function defineGlobals(): void {
  const { timezoneOffset } = native
  if (timezoneOffset) {
    // Of the engine's function, the result is that of today. Node takes the time zone from TZ, if it is set.
    Date.prototype.getTimezoneOffset = function (): number {
      return environment.TZ ? handOver('TZ sets a time zone') : timezoneOffset(this.getTime())
    }
  }
  Object.assign(globalThis, {
    Buffer,
    TextEncoder,
    TextDecoder,
    URL,
    process,
    performance: { now: native.clock },
    // Timers limit waiting, and a run of the front waits for nothing.
    setTimeout: () => 0,
    clearTimeout: () => {},
    setInterval: () => handOver('the run must wait'),
    setImmediate: () => handOver('the run must wait'),
    clearInterval: () => {},
    SharedArrayBuffer: ArrayBuffer,
    Atomics: { wait: (_array: unknown, _index: number, _value: number, ms: number) => native.sleep(ms) },
    frontIdle: () => handOver('the run must wait'),
  })
}
