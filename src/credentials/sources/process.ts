import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { EksTokenError } from '../../errors.ts'
import { parsePythonJson } from '../../python/json.ts'
import { shellSplit } from '../../python/shlex.ts'
import { redactCommand, sanitizeExternalText } from '../../redact.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import type { ProcessPlan } from '../plan/types.ts'

/** More than this is no answer of a credential process; reading on would only fill the memory. */
const MAX_OUTPUT_BYTES = 1 << 20

/** Credentials that end sooner, in seconds, are asked for once more, as the AWS CLI does. */
const REFRESH_SECONDS = 15 * 60

/**
 * Runs the `credential_process` of a profile: the line is split into words and started without a shell, with our
 * environment and our stdin. `fromProcess` of the SDK would run a shell.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS`: it cannot be started, fails, or prints something else
 */
export async function runCredentialProcess(plan: ProcessPlan, context: LoadContext): Promise<Credentials> {
  const first = await runOnce(plan, context)
  const left = (credentials: Credentials): number =>
    credentials.expiration
      ? (credentials.expiration.getTime() - context.runtime.now().getTime()) / 1000
      : Number.POSITIVE_INFINITY
  if (left(first) >= REFRESH_SECONDS) return first
  const second = await runOnce(plan, context)
  if (left(second) >= 0) return second
  throw processFailure(plan, 'Credentials were refreshed, but the refreshed credentials are still expired.')
}

async function runOnce(plan: ProcessPlan, context: LoadContext): Promise<Credentials> {
  const words = shellSplit(plan.command)
  const [program, ...args] = words ?? []
  if (!program) {
    throw processFailure(plan, words ? 'the line names no program' : 'the line has a quote that is not closed')
  }
  // The words may hold a secret; the program's name does not.
  context.runtime.trace(`start ${redactCommand(program)}, the credential_process of profile ${plan.profile}`)
  const { code, stdout, stderr } = await run(plan, program, args, context)
  if (code !== 0) throw processFailure(plan, sanitizeExternalText(stderr.trim()) || `it ended with ${code}`)
  return parseProcessOutput(plan, stdout)
}

function run(
  plan: ProcessPlan,
  program: string,
  args: readonly string[],
  { runtime, onExpire }: LoadContext,
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const why = cause.code === 'ENOENT' ? 'there is no such program' : (cause.code ?? 'it cannot be started')
      reject(processFailure(plan, `'${redactCommand(program)}' cannot be started: ${why}`, cause))
    }
    let child: ChildProcessByStdio<null, Readable, Readable>
    // A group of its own can be ended as a whole. It comes with a session of its own (setsid), which has no terminal:
    // where there is one the process may need it to ask its user, who can also end the lot with Ctrl-C.
    const { processHost } = runtime
    const detached = !processHost.hasTerminal()
    try {
      child = spawn(program, args, { env: { ...runtime.env }, stdio: ['inherit', 'pipe', 'pipe'], detached })
    } catch (cause) {
      // Words that no system takes: too long, or with a NUL. Node's message would quote them.
      refuse(cause as NodeJS.ErrnoException)
      return
    }
    const kill = (): void =>
      detached && child.pid !== undefined ? processHost.killGroup(child.pid) : void child.kill('SIGKILL')
    const forgetEnd = processHost.onExit(kill)
    const forgetLimit = onExpire(kill)
    const out: Buffer[] = []
    const err: Buffer[] = []
    let size = 0
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_OUTPUT_BYTES) into.push(chunk)
      else kill()
    }
    child.stdout.on('data', collect(out))
    child.stderr.on('data', collect(err))
    // Once it has ended, its number may be that of another process.
    const forget = (): void => {
      forgetEnd()
      forgetLimit()
    }
    child.on('error', (cause) => {
      forget()
      refuse(cause)
    })
    child.on('close', (code, endSignal) => {
      forget()
      if (size > MAX_OUTPUT_BYTES) reject(processFailure(plan, `it printed more than ${MAX_OUTPUT_BYTES} bytes`))
      else resolve({ code: code ?? endSignal ?? 'a signal', stdout: text(out), stderr: text(err) })
    })
  })
}

function parseProcessOutput(plan: ProcessPlan, stdout: string): Credentials {
  let answer: Record<string, unknown>
  try {
    answer = parsePythonJson(stdout) as Record<string, unknown>
    if (typeof answer !== 'object' || answer === null) throw new TypeError('no object')
  } catch {
    throw processFailure(plan, 'what it printed on stdout is no JSON object')
  }
  // In Python, and so for the AWS CLI, true is equal to 1.
  if (answer.Version !== 1 && answer.Version !== true) {
    const version = typeof answer.Version === 'number' ? answer.Version : `that is ${typeof answer.Version}`
    throw processFailure(plan, `its answer has a Version ${version}; the number 1 is the only one there is`)
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer
  for (const [key, value] of Object.entries({ AccessKeyId, SecretAccessKey })) {
    if (typeof value !== 'string') throw processFailure(plan, `Missing required key in response: ${key}`)
  }
  const expiration = typeof Expiration === 'string' ? parseExpiration(Expiration) : undefined
  if (Expiration !== undefined && Expiration !== null && !expiration) {
    throw processFailure(plan, 'the Expiration in its answer is no time with a zone')
  }
  return {
    accessKeyId: AccessKeyId as string,
    secretAccessKey: SecretAccessKey as string,
    sessionToken: typeof SessionToken === 'string' ? SessionToken : undefined,
    expiration,
  }
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}

function processFailure(plan: ProcessPlan, why: string, cause?: unknown): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', `Error when retrieving credentials from custom-process: ${why}`, {
    cause,
    remedy: `run the credential_process of profile ${plan.profile} by hand: it is started as it stands, without a shell, "~" or variables`,
  })
}
