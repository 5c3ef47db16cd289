import { native } from './native.ts'

const MAX_FULL_PIPE_MS = 60_000

/** Traces and warnings, until it is certain that the run is not handed over: the full program prints its own. */
const pending: Uint8Array[] = []

export function holdBack(bytes: Uint8Array): void {
  pending.push(bytes.slice())
}

/** Writes what was held back; an error of stderr itself cannot be reported. */
export function flush(): void {
  let waitedMs = 0
  for (const bytes of pending.splice(0)) {
    for (let rest = bytes; rest.length > 0; ) {
      const count = native.write(2, rest)
      if (count > 0) rest = rest.subarray(count)
      else if (native.errorName(-count)[0] !== 'EAGAIN' || waitedMs++ > MAX_FULL_PIPE_MS) return
      else native.sleep(1)
    }
  }
}

export function exit(code: number): never {
  flush()
  return native.exit(code)
}
