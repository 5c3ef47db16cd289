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
  readonly artifacts: Partial<CheckArtifacts>
}

/** Runs the checks in order; each receives what the earlier ones found. */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  { onStart, onResult }: CheckListener,
): Promise<CheckRun> {
  const results: CheckResult[] = []
  const skipped: string[] = []
  let artifacts: Partial<CheckArtifacts> = {}
  for (const check of checks) {
    if (context.deadline.isExpired() || check.needs.some((key) => artifacts[key] === undefined)) {
      skipped.push(check.id)
      continue
    }
    if (check.waitsFor !== undefined) onStart(check.waitsFor)
    const finding = await runCheck(check, artifacts, context)
    const result = toResult(check, finding)
    artifacts = { ...artifacts, ...finding.artifacts }
    results.push(result)
    onResult(result)
  }
  return { results, skipped, artifacts }
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
function toResult(check: Check, { status, message, remedy = check.remedy }: Finding): CheckResult {
  return {
    id: check.id,
    status,
    message: sanitize(message),
    remedy: status === 'ok' ? undefined : sanitize(remedy),
  }
}
