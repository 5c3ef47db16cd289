import { isEksTokenError } from '../../../errors.ts'
import { redactLikelySecrets, sanitizeExternalText } from '../../../redact.ts'
import type { Check, CheckArtifacts, DoctorContext, Finding } from './context.ts'

export interface CheckResult {
  readonly id: string
  readonly status: Finding['status']
  readonly message: string
  readonly remedy: string | undefined
}

/** Called while the checks run. */
export interface CheckListener {
  /** Before a check that uses the network. */
  readonly onStart: (waitsFor: string) => void
  /** For each result in order, as soon as later checks can no longer change it. */
  readonly onResult: (result: CheckResult) => void
}

export interface CheckRun {
  readonly results: readonly CheckResult[]
  /** Ids of the checks whose needs were not met, and of those after the deadline. */
  readonly skipped: readonly string[]
  readonly artifacts: Partial<CheckArtifacts>
}

/**
 * The checks of an identity and of the way to STS, where the API server has the last word: once it has authenticated the
 * token, what they found is no reason for a failure. The same holds where a wrapper selects an identity that is not known.
 */
const IDENTITY_CHECKS: readonly string[] = [
  ...['arguments', 'profile', 'source', 'cache', 'region', 'endpoint', 'network', 'clock', 'credentials'],
  ...['token', 'sts', 'account', 'who-am-i'],
]

/** Runs the checks in order; each receives what the earlier ones found. */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  { onStart, onResult }: CheckListener,
): Promise<CheckRun> {
  const results: CheckResult[] = []
  const skipped: string[] = []
  let artifacts: Partial<CheckArtifacts> = {}
  let reported = 0
  const report = (isFinal: boolean): void => {
    const settled = isFinal
      ? results.length
      : results.findIndex(({ id, status }) => status === 'fail' && IDENTITY_CHECKS.includes(id))
    for (; reported < (settled < 0 ? results.length : settled); reported++) onResult(results[reported] as CheckResult)
  }
  for (const check of checks) {
    const isMissing = check.needs.some((key) => artifacts[key] === undefined)
    if (context.deadline.isExpired() || isMissing || check.isNeeded?.(artifacts) === false) {
      skipped.push(check.id)
      continue
    }
    if (check.waitsFor !== undefined) onStart(check.waitsFor)
    const finding = await runCheck(check, artifacts, context)
    artifacts = { ...artifacts, ...finding.artifacts }
    results.push(toResult(check, finding, context))
    if (artifacts.isAuthenticated) demoteFailures(results, '; the API server authenticates the token nevertheless')
    else if (artifacts.isAssumed) demoteFailures(results, '')
    report(false)
  }
  report(true)
  return { results, skipped, artifacts }
}

function demoteFailures(results: CheckResult[], why: string): void {
  for (const [index, result] of results.entries()) {
    if (result.status !== 'fail' || !IDENTITY_CHECKS.includes(result.id)) continue
    results[index] = { ...result, status: 'warn', message: result.message + why }
  }
}

/** An expected error is a failed check. */
async function runCheck(check: Check, artifacts: Partial<CheckArtifacts>, context: DoctorContext): Promise<Finding> {
  try {
    const { id, waitsFor = `the check ${id}` } = check
    return await context.deadline.waitFor(waitsFor, Promise.resolve(check.run(artifacts, context)))
  } catch (error) {
    if (!isEksTokenError(error) || error.code === 'ERR_INTERNAL') throw error
    return { status: 'fail', message: `${error.message} (${error.code})`, remedy: error.remedy }
  }
}

/** Only the items of a list keep their lines: a line break in a name must not start a line that looks like a hint. */
function sanitize(text: string): string {
  return sanitizeExternalText(redactLikelySecrets(text)).replace(/\n(?!- )/g, ' ')
}

/** Names and paths in messages come from the kubeconfig, and must not control the terminal. */
function toResult(check: Check, { status, message, remedy }: Finding, context: DoctorContext): CheckResult {
  const next = remedy ?? (typeof check.remedy === 'string' ? check.remedy : check.remedy(context))
  return {
    id: check.id,
    status,
    message: sanitize(message),
    remedy: status === 'ok' ? undefined : sanitize(next),
  }
}
