import { isEksTokenError } from '../../../errors.ts'
import { sanitizeExternalText } from '../../../redact.ts'
import { KUBECONFIG_CHECKS } from './check-kubeconfig.ts'
import { SERVER_CHECKS } from './check-server.ts'
import { SOURCE_CHECKS } from './check-source.ts'
import { TOKEN_CHECKS } from './check-token.ts'
import type { Check, CheckArtifacts, DoctorContext, Finding } from './context.ts'

/** Every link from the kubeconfig to the API server; a new check stands in one of these lists. */
export const CHECKS: readonly Check[] = [...KUBECONFIG_CHECKS, ...SOURCE_CHECKS, ...TOKEN_CHECKS, ...SERVER_CHECKS]

export interface CheckResult {
  readonly id: string
  readonly status: Finding['status']
  readonly message: string
  readonly remedy: string | undefined
}

/** What is told while the checks run. */
export interface CheckListener {
  readonly onStart: (waitsFor: string) => void
  readonly onResult: (result: CheckResult) => void
}

export interface CheckRun {
  readonly results: readonly CheckResult[]
  /** Ids of the checks that had nothing to check. */
  readonly skipped: readonly string[]
  readonly found: Partial<CheckArtifacts>
}

/** Runs the checks in order; each gets what those before it have found. */
export async function runChecks(
  checks: readonly Check[],
  context: Omit<DoctorContext, 'found'>,
  { onStart, onResult }: CheckListener,
): Promise<CheckRun> {
  const results: CheckResult[] = []
  const skipped: string[] = []
  let found: Partial<CheckArtifacts> = {}
  for (const check of checks) {
    if (check.needs.some((key) => found[key] === undefined)) {
      skipped.push(check.id)
      continue
    }
    if (check.waitsFor !== undefined) onStart(check.waitsFor)
    const finding = await runCheck(check, { ...context, found })
    const { status, message, remedy = check.remedy } = finding
    // Names and paths are a kubeconfig's own words: none of them may speak to the terminal.
    const result = {
      id: check.id,
      status,
      message: sanitizeExternalText(message),
      remedy: status === 'ok' ? undefined : sanitizeExternalText(remedy),
    }
    found = { ...found, ...finding.found }
    results.push(result)
    onResult(result)
  }
  return { results, skipped, found }
}

/** An error of a step is what the check of that step finds. */
async function runCheck(check: Check, context: DoctorContext): Promise<Finding> {
  try {
    return await check.run(context)
  } catch (error) {
    if (!isEksTokenError(error) || error.code === 'ERR_INTERNAL') throw error
    return { status: 'fail', message: `${error.message} (${error.code})`, remedy: error.remedy }
  }
}
