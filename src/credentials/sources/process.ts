import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { EksTokenError, isOpenFilesLimit, isTimeout, openFilesError } from '../../errors.ts'
import { splitCommand } from '../../python/shlex.ts'
import { redactCommand, redactValue, sanitizeExternalText } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import type { LoadContext } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import { unquotedPath } from '../explain/unquoted-path.ts'
import { lacksInterpreter } from './executable.ts'
import { parseObject, parseProcessOutput, processFailure } from './process-output.ts'
import { followTree } from './process-tree.ts'
import { type ProgramStart, windowsProgramStart } from './program-path.ts'

export interface ProcessPlan {
  readonly kind: 'process'
  readonly why: string
  readonly profile: string
  /** The command line of the config file; it may contain secrets, so only {@link redactCommand} may show a part of it. */
  readonly command: string
  /** Its first word. */
  readonly program: string
}

/** A process that prints more is killed: credentials are much shorter, and memory is limited. */
const MAX_OUTPUT_BYTES = 1 << 20

/** After a failure, the program waits for the rest of stderr only this long: a background process may keep it open. */
const FAILURE_GRACE_MS = 200

/** If the credentials are valid for less than this, in seconds, the process is run once more, as by the AWS CLI. */
const PROCESS_REFRESH_SECONDS = 15 * 60

/**
 * Runs the `credential_process` of a profile without a shell, with the environment and the stdin of this process.
 * `fromProcess` of the SDK would run a shell.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS` if it cannot be started, fails, or prints anything but credentials; `ERR_TIMEOUT`
 */
export async function runCredentialProcess(plan: ProcessPlan, context: LoadContext): Promise<Credentials> {
  const first = await runOnce(plan, context)
  const secondsLeft = ({ expiration }: Credentials): number =>
    expiration ? (expiration.getTime() - context.runtime.now().getTime()) / 1000 : Number.POSITIVE_INFINITY
  if (secondsLeft(first) >= PROCESS_REFRESH_SECONDS) return first
  const second = await runOnce(plan, context)
  if (secondsLeft(second) >= 0) return second
  throw processFailure(plan, 'Credentials were refreshed, but the refreshed credentials are still expired.')
}

async function runOnce(plan: ProcessPlan, context: LoadContext): Promise<Credentials> {
  const words = splitCommand(plan.command, context.runtime.processHost.platform)
  const [program, ...args] = words ?? []
  if (!program) {
    throw processFailure(plan, words ? 'credential_process is empty' : 'credential_process has an unclosed quote')
  }
  // The arguments may contain secrets, the name of the program does not.
  context.runtime.trace?.(`starting ${redactCommand(program)}, the credential_process of profile ${plan.profile}`)
  context.onProcessStart?.(redactCommand(program), plan.profile)
  const output: ProcessOutput = { stdout: [], stderr: [] }
  const exit = run(plan, [program, ...args], output, context)
  // It may prompt on the terminal.
  const exitCode = await context
    .waitFor(`the credential_process of profile ${plan.profile}`, exit, true)
    .catch((error) => {
      const message = stderrText(output, context.runtime)
      if (!isTimeout(error) || message === '') throw error
      throw new EksTokenError('ERR_TIMEOUT', `${error.message}; it printed to stderr: ${message}`, { cause: error })
    })
  const stderr = stderrText(output, context.runtime)
  if (exitCode !== 0) throw processFailure(plan, stderr || `it exited with ${exitCode}`)
  return parseProcessOutput(plan, Buffer.concat(output.stdout).toString('utf8'), stderr)
}

interface ProcessOutput {
  readonly stdout: Buffer[]
  readonly stderr: Buffer[]
}

/** Safe to print: without the secrets that the process has printed to stdout, or has inherited. */
function stderrText({ stdout, stderr }: ProcessOutput, { env }: Runtime): string {
  const { SecretAccessKey, SessionToken } = parseObject(Buffer.concat(stdout).toString('utf8')) ?? {}
  const secrets = [SecretAccessKey, SessionToken, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN]
  const text = Buffer.concat(stderr).toString('utf8').trim()
  return sanitizeExternalText(
    text,
    secrets.filter((secret) => typeof secret === 'string'),
  )
}

/** @returns the exit code, or the name of the signal */
function run(
  plan: ProcessPlan,
  [program, ...args]: readonly [string, ...string[]],
  { stdout, stderr }: ProcessOutput,
  { runtime, onExpire }: LoadContext,
): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void => {
      const path = unquotedPath([program, ...args], runtime)
      const remedy = path && `quote the path in credential_process, because it contains spaces: "${redactValue(path)}"`
      reject(processFailure(plan, `'${redactProgram(program)}' cannot be started: ${reason}`, cause, remedy))
    }
    const failToStart = (cause: NodeJS.ErrnoException): void =>
      isOpenFilesLimit(cause)
        ? reject(openFilesError(cause))
        : fail(cause.code === 'ENOENT' ? 'no such program' : (cause.code ?? 'unknown error'), cause)
    if (lacksInterpreter(program, runtime)) {
      fail('Exec format error: a script must start with a line such as "#!/bin/sh"')
      return
    }
    let start: ProgramStart | undefined
    try {
      start = programStart(program, args, runtime)
    } catch {
      fail('an argument of a batch file cannot contain a line break or NUL')
      return
    }
    if (!start) {
      fail('no such program')
      return
    }
    let child: ChildProcessByStdio<null, Readable, Readable>
    // With a process group of its own, the process and its children can be killed together. Node creates it with a session
    // of its own (setsid), which has no terminal; where there is one, the process may need it for a prompt.
    const { processHost } = runtime
    const detached = !processHost.hasTerminal()
    try {
      const { windowsVerbatimArguments } = start
      const options = { env: { ...runtime.env }, detached, windowsVerbatimArguments }
      child = spawn(start.file, start.args, { ...options, stdio: ['inherit', 'pipe', 'pipe'] })
    } catch (cause) {
      // Arguments that are too long or contain a NUL. Node's message would quote them.
      failToStart(cause as NodeJS.ErrnoException)
      return
    }
    // At the limit for open files, Node creates no streams, and emits `error`.
    // https://github.com/nodejs/node/blob/v20.18.0/lib/internal/child_process.js#L406-L411
    if (!child.stdout) {
      child.on('error', failToStart)
      return
    }
    let exitCode: number | string | undefined
    const tree = child.pid === undefined ? undefined : followTree(child.pid, { isGroup: detached }, runtime)
    const kill = (): void => tree?.kill(exitCode === undefined)
    const removeExitHandler = processHost.onExit(kill)
    const removeExpireHandler = onExpire(kill)
    // After its end, its process id may be reused by another process.
    const removeHandlers = (): void => {
      tree?.release()
      removeExitHandler()
      removeExpireHandler()
    }
    let size = 0
    let failureTimer: NodeJS.Timeout | undefined
    const finish = (): void => {
      clearTimeout(failureTimer)
      removeHandlers()
      for (const stream of [child.stdout, child.stderr]) stream.destroy()
      if (size > MAX_OUTPUT_BYTES) reject(processFailure(plan, `it printed more than ${MAX_OUTPUT_BYTES} bytes`))
      else resolve(exitCode ?? 'an unknown signal')
    }
    // A child in the background may keep the streams open. The AWS CLI waits for them; here the credentials are used as
    // soon as the process has exited and its output is complete.
    const finishIfComplete = (): void => {
      if (exitCode === 0 && parseObject(Buffer.concat(stdout).toString('utf8'))) finish()
    }
    const collectInto = (chunks: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_OUTPUT_BYTES) kill()
      else chunks.push(chunk)
      finishIfComplete()
    }
    child.stdout.on('data', collectInto(stdout))
    child.stderr.on('data', collectInto(stderr))
    child.on('error', (cause) => {
      removeHandlers()
      failToStart(cause)
    })
    child.on('exit', (code, signal) => {
      exitCode = code ?? signal ?? undefined
      if (exitCode !== 0) failureTimer = setTimeout(finish, FAILURE_GRACE_MS)
      finishIfComplete()
    })
    child.on('close', finish)
  })
}

function programStart(
  program: string,
  args: readonly string[],
  { env, processHost }: Runtime,
): ProgramStart | undefined {
  if (processHost.platform === 'win32') return windowsProgramStart(program, args, env)
  return { file: program, args, windowsVerbatimArguments: false }
}

/** A path as it is configured, which shows where it was cut off; anything else may be a misplaced secret. */
function redactProgram(program: string): string {
  const isPath = /^([A-Za-z]:)?[\\/]|^(~|\.{1,2})[\\/]/.test(program)
  return isPath ? redactValue(program.replace(/[=\s][\s\S]*$/, '…')) : redactCommand(program)
}
