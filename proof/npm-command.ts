import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as os from 'node:os'
import { join } from 'node:path'
import { createBundleLoader } from '../test/support/bundle-loader.ts'

/** What a run has printed, and how it ended. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface NpmOutcome extends Outcome {
  /** What the run needed beyond its input: the network, a process, a file to write; undefined: nothing. */
  readonly needs: string | undefined
  /** Paths that it looked for in vain. */
  readonly missing: ReadonlySet<string>
}

export interface RunInput {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly nowMs: number
}

/** Built-ins that a run without the network, processes and prompts does not use. */
const OUTSIDE = ['child_process', 'dns', 'http', 'https', 'net', 'readline', 'tls', 'tty', 'worker_threads']
const NEVER_ENDS_MS = 5000

/**
 * The bundles of the npm command, run again and again in this process, each time from their first line: with the arguments,
 * environment and time of the run in place of those of this process, whose working directory becomes that of the run. What
 * would write a file, connect, or start a process ends the run.
 */
export function loadNpmCommand(dist: string): (input: RunInput) => Promise<NpmOutcome> {
  const main = join(dist, 'main.cjs')
  const realRequire = createRequire(main)
  return async ({ args, env, cwd, nowMs }) => {
    process.chdir(cwd)
    // Node reads the time zone again when it is set.
    if (env.TZ === undefined) delete process.env.TZ
    else process.env.TZ = env.TZ
    const written = { 1: '', 2: '' }
    const missing = new Set<string>()
    let needs: string | undefined
    let end: (code: number | null) => void = () => {}
    const ended = new Promise<number | null>((resolve) => {
      end = resolve
    })
    const outside = (what: string): never => {
      needs ??= what
      setImmediate(end, null)
      throw new Error(`outside: ${what}`)
    }
    const builtIns: Readonly<Record<string, unknown>> = {
      fs: fakeFs(written, missing, outside),
      os: { ...os, homedir: () => env.HOME ?? os.userInfo().homedir },
    }
    const loader = createBundleLoader({
      globals: {
        process: fakeProcess([process.execPath, main, ...args], env, end, outside),
        Date: fixedDate(nowMs),
        setTimeout: timer,
        clearTimeout: () => {},
      },
      builtin: (name) => (OUTSIDE.includes(name) ? outside(name) : (builtIns[name] ?? realRequire(name))),
    })
    loader.load(main)
    const guard = setTimeout(end, NEVER_ENDS_MS, null)
    const code = await ended
    clearTimeout(guard)
    if (code === null) needs ??= 'waiting'
    return { code, stdout: written[1], stderr: written[2], needs, missing }
  }
}

/** A run that needs no network waits for nothing. */
const timer = () => ({ ref() {}, unref() {}, close() {} })

function fixedDate(nowMs: number): typeof Date {
  return class extends Date {
    constructor(value: string | number = nowMs) {
      super(value)
    }
    static override now(): number {
      return nowMs
    }
  } as typeof Date
}

function fakeProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  exit: (code: number) => void,
  outside: (what: string) => never,
) {
  const { platform, versions, pid, execPath, getuid } = process
  const ignore = () => {}
  return {
    ...{ argv, env: { ...env }, platform, versions, pid, execPath, getuid, exit, cwd: () => process.cwd() },
    ...{ on: ignore, once: ignore, off: ignore, removeAllListeners: ignore, emit: () => false },
    ...{ rawListeners: () => [], getActiveResourcesInfo: () => [], kill: () => outside('a signal') },
    getBuiltinModule: outside,
    get stdin() {
      return outside('stdin')
    },
    // Pipes.
    ...{ stdout: {}, stderr: {} },
  }
}

const { closeSync, existsSync, fstatSync, readFileSync, readSync, readdirSync, readlinkSync, realpathSync } = fs
const READING = { closeSync, existsSync, fstatSync, readFileSync, readSync, readdirSync, readlinkSync, realpathSync }

function fakeFs(written: Record<number, string>, missing: Set<string>, outside: (what: string) => never): object {
  /** Notes a path that does not exist. */
  const noting =
    <Rest extends unknown[], Result>(call: (path: never, ...rest: Rest) => Result) =>
    (path: string, ...rest: Rest): Result => {
      try {
        const result = call(path as never, ...rest)
        if (result === undefined) missing.add(path)
        return result
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') missing.add(path)
        throw error
      }
    }
  const { constants } = fs
  const known: Readonly<Record<string, unknown>> = {
    constants,
    ...READING,
    statSync: noting(fs.statSync),
    lstatSync: noting(fs.lstatSync),
    openSync: noting((path: string, flags: string | number = 'r') => {
      const writes =
        flags !== 'r' && (Number(flags) & (constants.O_WRONLY | constants.O_RDWR | constants.O_CREAT)) !== 0
      return writes ? outside('a file to write') : fs.openSync(path, flags)
    }),
    writeSync: (descriptor: number, bytes: Uint8Array) => {
      if (descriptor !== 1 && descriptor !== 2) return outside('a file to write')
      written[descriptor] += Buffer.from(bytes).toString('latin1')
      return bytes.length
    },
  }
  return new Proxy(known, { get: (target, name: string) => target[name] ?? (() => outside(`fs.${name}`)) })
}
