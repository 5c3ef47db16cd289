import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface CommandOptions {
  /** The whole environment: nothing is inherited, as this machine's may set AWS_CA_BUNDLE, NODE_OPTIONS and the like. */
  env: Record<string, string>
  cwd: string
  /** `ignore`: /dev/null, the default. `text`: these characters, then the end. `open`: a pipe that never closes. */
  stdin?: 'ignore' | 'open' | { text: string }
  /** After it the command and everything that it has started are killed. Default: 20 s. */
  timeoutMs?: number
}

export interface CommandResult {
  /** The exit code; null if a signal has ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  seconds: number
  timedOut: boolean
}

/** A program and the words that go before its arguments. */
export type Words = readonly [program: string, ...words: string[]]

/**
 * What the tests call eks-get-token: the built program with the Node that runs the tests, or what
 * EKS_GET_TOKEN_TEST_COMMAND names (words, split at blanks): an executable, another Node, the AWS CLI. Tests run it in
 * folders of their own with a short PATH, so paths in it are absolute.
 */
export function eksGetToken(): Words {
  const [program, ...words] = (process.env.EKS_GET_TOKEN_TEST_COMMAND ?? '').split(' ').filter((word) => word !== '')
  if (program !== undefined) return [program, ...words]
  return [process.execPath, fileURLToPath(new URL('../../bin/eks-get-token.cjs', import.meta.url))]
}

/** Runs eks-get-token with these arguments to its end. */
export function runEksGetToken(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [program, ...words] = eksGetToken()
  return runCommand([program, ...words, ...args], options)
}

/** Starts eks-get-token with these arguments, for a test that ends it. */
export function startEksGetToken(args: readonly string[], { env, cwd }: CommandOptions): ChildProcess {
  const [program, ...words] = eksGetToken()
  return spawn(program, [...words, ...args], { env, cwd, stdio: 'ignore' })
}

/** Runs any program to its end. Without a terminal: `detached` makes a session of its own. */
export function runCommand(words: Words, options: CommandOptions): Promise<CommandResult> {
  const { env, cwd, stdin = 'ignore', timeoutMs = 20_000 } = options
  const [program, ...args] = words
  const started = performance.now()
  const child: ChildProcess = spawn(program, args, {
    env,
    cwd,
    detached: true,
    stdio: [stdin === 'ignore' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })

  return new Promise((resolve, reject) => {
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child)
    }, timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      child.stdin?.destroy()
      const seconds = (performance.now() - started) / 1000
      resolve({ code, signal, stdout: stdout(), stderr: stderr(), seconds, timedOut })
    })
    // Many commands end without having read their stdin.
    child.stdin?.on('error', () => {})
    if (typeof stdin === 'object') child.stdin?.end(stdin.text)
  })
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}

/** What the command has started may hold its stdout open, and would keep the test waiting. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}
