import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type BundleLoader, createBundleLoader } from './bundle-loader.ts'
import { type CommandOptions, type CommandResult, runEksGetToken } from './command.ts'

/**
 * Runs eks-get-token to its end in the process of the test: the bundles of dist/, loaded anew for each run, with a `process`,
 * `fs`, clock of timers and streams of its own. It takes a tenth of the CPU time of a process, and gives the same result
 * (in-process.test.ts), for rows of tables that do not ask for what only a process has: descriptors, signals, a terminal. A
 * run that uses one of these fails.
 *
 * A process runs it where the environment has a variable that Node itself reads, for every tenth run of a test file, and,
 * with EKS_GET_TOKEN_TEST_COMMAND or EKS_GET_TOKEN_TEST_ROWS, always.
 */
export async function runInProcess(args: readonly string[], options: InProcessOptions): Promise<CommandResult> {
  const isSample = runs++ % SAMPLE === 0
  const { kill, env } = options
  const { EKS_GET_TOKEN_TEST_COMMAND, EKS_GET_TOKEN_TEST_ROWS } = process.env
  const isAlways = EKS_GET_TOKEN_TEST_COMMAND || EKS_GET_TOKEN_TEST_ROWS
  if (isSample || isAlways || Object.entries(env).some(isReadByNode)) {
    return runEksGetToken(args, { ...options, env: { ...env, ...(kill && killVariables(kill)) } })
  }
  return runHere(args, options)
}

export interface InProcessOptions extends CommandOptions {
  /** Ends the run with SIGKILL before, or in the middle of, a change to files. */
  kill?: KillPlan
}

interface KillPlan {
  /** Before which change, counted from 1; 0: never. */
  readonly at: number
  /** Changes in this directory only. */
  readonly below: string
  /** The changes are appended to this file. */
  readonly log: string
}

/** Without the exceptions of {@link runInProcess}. */
export async function runHere(args: readonly string[], options: InProcessOptions): Promise<CommandResult> {
  const before = sharedState()
  const result = await new Run(args, options).result
  if (sharedState() !== before) throw new Error(`the run has changed the process of the test: ${args.join(' ')}`)
  return result
}

/** Of so many runs, the first is a process. */
const SAMPLE = 10
let runs = 0

const BIN = fileURLToPath(new URL('../../bin/eks-get-token.cjs', import.meta.url))
const nodeRequire = createRequire(import.meta.url)

const KILL_SCRIPT = fileURLToPath(new URL('kill-at.cjs', import.meta.url))
const { killAt } = nodeRequire(KILL_SCRIPT) as {
  killAt: (original: typeof import('node:fs'), plan: KillPlan, kill: () => never) => Partial<typeof import('node:fs')>
}
const killVariables = ({ at, below, log }: KillPlan): Record<string, string> => ({
  ...{ NODE_OPTIONS: `--require=${KILL_SCRIPT}`, KILL_AT: String(at), KILL_BELOW: below, KILL_LOG: log },
})

/** What a run must leave as it was. */
const sharedState = (): string =>
  JSON.stringify([process.env, process.cwd(), process.exitCode, process.title, process.listenerCount('exit')])

/** Variables that Node reads before the program starts, or from the environment of the real process. */
const isReadByNode = ([name, value]: [string, string]): boolean =>
  /^(NODE_|SSL_|OPENSSL_|UV_|TZ$|TMPDIR$|LD_)/.test(name) && process.env[name] !== value

/** Functions of `fs` and `path` whose second argument is a path also. */
const TWO_PATHS = new Set(['rename', 'link', 'copyFile', 'cp'].flatMap((name) => [name, `${name}Sync`]))

/** Larger than any process id of Linux: https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html (pid_max) */
const NO_PROCESS = 2 ** 22 + 1

class Run {
  readonly result: Promise<CommandResult>
  readonly #started = performance.now()
  readonly #options: InProcessOptions
  readonly #output = { 1: [] as Buffer[], 2: [] as Buffer[] }
  readonly #timers = new Set<NodeJS.Timeout | NodeJS.Immediate>()
  readonly #loader: BundleLoader
  readonly #process: object
  #settle: { resolve: (result: CommandResult) => void; reject: (error: unknown) => void } | undefined
  #deadline: NodeJS.Timeout | undefined

  constructor(args: readonly string[], options: InProcessOptions) {
    this.#options = options
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#process = this.#createProcess(args)
    this.#loader = createBundleLoader({
      globals: {
        process: this.#process,
        console: new Proxy(console, { get: () => (text: unknown) => this.#write(2, `${text}\n`) }),
        ...this.#timerFunctions(),
      },
      builtin: (name) => this.#builtin(name),
    })
    const { timeoutMs = 20_000 } = options
    this.#deadline = setTimeout(() => this.#end({ code: null, signal: 'SIGKILL', timedOut: true }), timeoutMs)
    try {
      this.#loader.load(BIN)
    } catch (error) {
      // Else it has failed already, or was killed.
      if (this.#settle !== undefined) this.#fail(error)
    }
  }

  #end(ending: Pick<CommandResult, 'code' | 'signal' | 'timedOut'>): void {
    if (this.#settle === undefined) return
    const { resolve } = this.#settle
    this.#stop()
    const [stdout, stderr] = [this.#output[1], this.#output[2]].map((chunks) => Buffer.concat(chunks).toString('utf8'))
    const seconds = (performance.now() - this.#started) / 1000
    resolve({ ...ending, stdout: stdout as string, stderr: stderr as string, seconds })
  }

  #fail(error: unknown): never {
    this.#settle?.reject(error)
    this.#stop()
    throw error
  }

  /** Nothing of the run goes on: its timers end, and it can start no others. */
  #stop(): void {
    this.#settle = undefined
    clearTimeout(this.#deadline)
    for (const timer of this.#timers) clearTimeout(timer as NodeJS.Timeout)
  }

  #needsProcess(what: string): never {
    return this.#fail(new Error(`${what} needs a process of its own: use runEksGetToken`))
  }

  #write(stream: 1 | 2, data: string | Uint8Array): number {
    const bytes = Buffer.from(data as Uint8Array)
    if (this.#settle !== undefined) this.#output[stream].push(bytes)
    return bytes.length
  }

  #builtin(name: string): unknown {
    const builtin = nodeRequire(`node:${name}`)
    const { cwd, env } = this.#options
    switch (name) {
      case 'process':
        return this.#process
      case 'fs':
        return this.#fileSystem(this.#killed(builtin))
      case 'fs/promises':
        return this.#inFolder(builtin)
      case 'path':
        return { ...builtin, resolve: (...paths: string[]) => resolve(cwd, ...paths) }
      case 'os':
        return { ...builtin, homedir: () => env.HOME ?? builtin.userInfo().homedir }
      case 'tty':
        return { ...builtin, isatty: () => false }
      case 'child_process':
        return this.#childProcess(builtin)
      case 'timers':
      case 'timers/promises':
      case 'worker_threads':
        return this.#needsProcess(`node:${name}`)
      default:
        return builtin
    }
  }

  /** Relative paths start at the working directory of the run. */
  #inFolder<T extends object>(module: T, own: Record<string, unknown> = {}): T {
    const { cwd } = this.#options
    const absolute = (path: unknown) => (typeof path === 'string' && !isAbsolute(path) ? join(cwd, path) : path)
    return new Proxy(module, {
      get: (target, name: string) => {
        if (Object.hasOwn(own, name)) return own[name]
        const value = Reflect.get(target, name)
        if (typeof value !== 'function' || /^[A-Z]/.test(name)) return value
        const paths = TWO_PATHS.has(name) ? 2 : 1
        return (...values: unknown[]) =>
          value.apply(
            target,
            values.map((argument, index) => (index < paths ? absolute(argument) : argument)),
          )
      },
    })
  }

  /** After the moment at which the run is killed it changes and reads nothing. */
  #killed(fs: typeof import('node:fs')): typeof import('node:fs') {
    const { kill } = this.#options
    if (kill === undefined) return fs
    const end = (): never => {
      this.#end({ code: null, signal: 'SIGKILL', timedOut: false })
      throw new Error('killed')
    }
    return new Proxy<typeof import('node:fs')>(
      { ...fs, ...killAt(fs, kill, end) },
      {
        get: (target, name) => {
          const value = Reflect.get(target, name)
          if (this.#settle !== undefined || name === 'closeSync' || typeof value !== 'function') return value
          return end
        },
      },
    )
  }

  #fileSystem(fs: typeof import('node:fs')): typeof import('node:fs') {
    const standardStream = (path: unknown) =>
      typeof path === 'number' ? path < 3 : /^\/dev\/(std|fd\/|tty)|^\/proc\/self\/fd/.test(`${path}`)
    const guarded = Object.fromEntries(
      (['readSync', 'readFileSync', 'createReadStream', 'createWriteStream', 'writeFileSync', 'statSync'] as const).map(
        (name) => [
          name,
          (path: never, ...rest: never[]) => {
            if (standardStream(path)) this.#needsProcess(`${path}`)
            return (inFolder[name] as (...values: never[]) => unknown)(path, ...rest)
          },
        ],
      ),
    )
    const inFolder = this.#inFolder(fs)
    return this.#inFolder(fs, {
      ...guarded,
      writeSync: (descriptor: number, data: Uint8Array, ...rest: never[]) =>
        descriptor === 1 || descriptor === 2
          ? this.#write(descriptor, data)
          : (fs.writeSync as (...values: unknown[]) => number)(descriptor, data, ...rest),
      fstatSync: (descriptor: number) => (descriptor > 2 ? fs.fstatSync(descriptor) : { isFile: () => false }),
      openSync: (path: string, flags: string | number = 'r', mode?: number) => {
        if (path === '/dev/tty') throw Object.assign(new Error('no terminal'), { code: 'ENXIO' })
        if (standardStream(path)) this.#needsProcess(path)
        return inFolder.openSync(path, flags, mode)
      },
    })
  }

  /** They get what the program passes on, and its working directory. */
  #childProcess(childProcess: Record<string, (...values: never[]) => unknown>) {
    const { cwd, env, stdin = 'ignore' } = this.#options
    return new Proxy(childProcess, {
      get:
        (target, name: string) =>
        (program: never, args: never, options: { stdio?: unknown } = {}) => {
          const { stdio = 'pipe' } = options
          const streams = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio]
          if (streams.slice(1).includes('inherit') || (streams[0] === 'inherit' && stdin !== 'ignore')) {
            this.#needsProcess('an inherited stream')
          }
          const own = {
            cwd,
            env,
            ...options,
            stdio: streams.map((stream) => (stream === 'inherit' ? 'ignore' : stream)),
          }
          return target[name]?.(program, args, own as never)
        },
    })
  }

  #timerFunctions(): Record<string, unknown> {
    const tracked =
      (start: (...values: never[]) => NodeJS.Timeout | NodeJS.Immediate) =>
      (...values: never[]) => {
        // As after the exit of a process: nothing runs any more.
        if (this.#settle === undefined) return { unref: () => {}, ref: () => {}, refresh: () => {} }
        const timer = start(...values)
        this.#timers.add(timer)
        return timer
      }
    return {
      setTimeout: tracked(setTimeout as never),
      setInterval: tracked(setInterval as never),
      setImmediate: tracked(setImmediate as never),
      clearTimeout,
      clearInterval,
      clearImmediate,
    }
  }

  /** The `process` of the run: built from nothing, so that what is missing here shows. */
  #createProcess(args: readonly string[]): object {
    const { env, cwd, stdin = 'ignore', kill } = this.#options
    const events = new EventEmitter()
    const stream = (descriptor: 1 | 2) => ({
      write: (text: string) => this.#write(descriptor, text) >= 0,
      on: () => {},
      once: () => {},
    })
    const { platform, arch, version, versions, execPath, release, hrtime, nextTick, getuid, umask } = process
    // The locks that a killed run leaves are those of a process that has ended.
    const pid = kill === undefined ? process.pid : NO_PROCESS
    const exit = (code = 0): void => {
      if (this.#settle === undefined) return
      events.emit('exit', code)
      this.#end({ code, signal: null, timedOut: false })
    }
    return Object.assign(events, {
      ...{ platform, arch, version, versions, pid, execPath, release, hrtime, nextTick, getuid, umask },
      argv: [execPath, BIN, ...args],
      execArgv: [],
      env: { ...env },
      cwd: () => cwd,
      stdin: Object.assign(stdin === 'open' ? new Readable({ read: () => {} }) : Readable.from(textOf(stdin)), {
        isTTY: undefined,
      }),
      stdout: stream(1),
      stderr: stream(2),
      exit,
      emitWarning: () => {},
      getActiveResourcesInfo: () => [],
      getBuiltinModule: (name: string) => this.#loader.builtin(name),
      kill: (processId: number, signal: NodeJS.Signals | 0) => {
        if (signal !== 0 && (processId === 0 || Math.abs(processId) === pid)) this.#needsProcess('a signal to itself')
        return process.kill(processId, signal)
      },
    })
  }
}

const textOf = (stdin: CommandOptions['stdin']): Buffer[] =>
  typeof stdin === 'object' && stdin.text !== '' ? [Buffer.from(stdin.text)] : []
