import { isEksTokenError } from '../errors.ts'
import { DEFAULT_TIMEOUT_SECONDS, type Deadline, startDeadline } from '../net/deadline.ts'
import { processRuntime, type Runtime } from '../runtime.ts'
import { type AbortSignalLike, type IdentityOptions, validateOptions } from './options.ts'
import { inWordsOfLibrary } from './wording.ts'

/** The options of one call without those that apply to the whole of it. */
type CallOptions<Options> = Omit<Options, 'environment' | 'signal' | 'timeoutSeconds'>

/**
 * Runs one call of the library: checks its options, and ends it at the time limit or when the caller aborts it.
 *
 * @param runtime - default: that of this process
 * @throws EksTokenError of {@link validateOptions}; the reason of the signal
 */
export async function runCall<Options extends IdentityOptions, Result>(
  options: Options,
  { cluster }: { readonly cluster: boolean },
  run: (options: CallOptions<Options>, runtime: Runtime, deadline: Deadline) => Promise<Result>,
  runtime: Runtime = processRuntime(),
): Promise<Result> {
  validateOptions(options, { cluster }, runtime)
  const { environment = runtime.env, signal, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, ...more } = options
  if (signal?.aborted) throw signal.reason
  const deadline = startDeadline(timeoutSeconds, runtime.now)
  const abortable = signal ? abortableDeadline(deadline, signal) : deadline
  try {
    return await run(more, { ...runtime, env: environment }, abortable)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw isEksTokenError(error) ? inWordsOfLibrary(error) : error
  } finally {
    deadline.clear()
  }
}

/** Every wait also ends when the signal is aborted. */
function abortableDeadline(deadline: Deadline, signal: AbortSignalLike): Deadline {
  const onExpire: Deadline['onExpire'] = (stop) => {
    const remove = deadline.onExpire(stop)
    signal.addEventListener('abort', stop, { once: true })
    return () => {
      remove()
      signal.removeEventListener('abort', stop)
    }
  }
  const untilAborted = <T>(result: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason)
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    })
  return {
    ...deadline,
    waitFor: (what, result) => deadline.waitFor(what, untilAborted(result)),
    pauseWhile: (input) => deadline.pauseWhile(untilAborted(input)),
    onExpire,
    isExpired: () => deadline.isExpired() || signal.aborted,
  }
}
