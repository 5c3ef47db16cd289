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
  readonly onResult: (result: CheckResult) => void
}

export interface CheckRun {
  readonly results: readonly CheckResult[]
  /** Ids of the checks whose needs were not met, and of those after the deadline. */
  readonly skipped: readonly string[]
  readonly found: Partial<CheckArtifacts>
}

/** Runs the checks in order; each receives what the earlier ones found. */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  { onStart, onResult }: CheckListener,
): Promise<CheckRun> {
  const results: CheckResult[] = []
  const skipped: string[] = []
  let found: Partial<CheckArtifacts> = {}
  for (const check of checks) {
    if (context.deadline.isExpired() || check.needs.some((key) => found[key] === undefined)) {
      skipped.push(check.id)
      continue
    }
    if (check.waitsFor !== undefined) onStart(check.waitsFor)
    const finding = await runCheck(check, found, context)
    const result = toResult(check, finding)
    found = { ...found, ...finding.found }
    results.push(result)
    onResult(result)
  }
  return { results, skipped, found }
}

/** An expected error is a failed check. */
async function runCheck(check: Check, found: Partial<CheckArtifacts>, context: DoctorContext): Promise<Finding> {
  try {
    const { id, waitsFor = `the check ${id}` } = check
    return await context.deadline.waitFor(waitsFor, Promise.resolve(check.run(found, context)))
  } catch (error) {
    if (!isEksTokenError(error) || error.code === 'ERR_INTERNAL') throw error
    return { status: 'fail', message: `${error.message} (${error.code})`, remedy: error.remedy }
  }
}

/** A list in a message keeps its lines. */
function sanitize(text: string): string {
  return sanitizeExternalText(redactLikelySecrets(text))
}

/** Names and paths in messages come from the kubeconfig, and must not control the terminal. */
function toResult(check: Check, { status, message, remedy = check.remedy }: Finding): CheckResult {
  return {
    id: check.id,
    status,
    message: sanitize(message),
    remedy: status === 'ok' ? undefined : sanitize(remedy),
  }
}
