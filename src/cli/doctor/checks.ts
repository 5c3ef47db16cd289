import { outsideText } from '../../credentials/outside-text.ts'
import { isEksTokenError } from '../../errors.ts'
import type { Chain, Check, Finding } from './chain.ts'
import { KUBECONFIG_CHECKS } from './check-kubeconfig.ts'
import { SERVER_CHECKS } from './check-server.ts'
import { SOURCE_CHECKS } from './check-source.ts'
import { TOKEN_CHECKS } from './check-token.ts'

/** Every link from the kubeconfig to the API server; a new check stands in one of these lists. */
export const CHECKS: readonly Check[] = [...KUBECONFIG_CHECKS, ...SOURCE_CHECKS, ...TOKEN_CHECKS, ...SERVER_CHECKS]

export interface CheckResult {
  readonly id: string
  readonly status: Finding['status']
  readonly finding: string
  readonly remedy: string | undefined
}

/** What is told while the checks run. */
export interface Listener {
  readonly waits: (forWhom: string) => void
  readonly done: (result: CheckResult) => void
}

/** @returns what was found, and the checks for which there was nothing to check */
export async function runChecks(
  checks: readonly Check[],
  chain: Chain,
  { waits, done }: Listener,
): Promise<{ readonly results: readonly CheckResult[]; readonly left: readonly string[] }> {
  const results: CheckResult[] = []
  const left: string[] = []
  for (const check of checks) {
    if (check.needs.some((key) => chain.found[key] === undefined)) {
      left.push(check.id)
      continue
    }
    if (check.waitsFor !== undefined) waits(check.waitsFor)
    const { status, finding, remedy = check.remedy } = await tried(check, chain)
    // Names and paths are a kubeconfig's own words: none of them may speak to the terminal.
    const result = {
      id: check.id,
      status,
      finding: outsideText(finding),
      remedy: status === 'ok' ? undefined : outsideText(remedy),
    }
    results.push(result)
    done(result)
  }
  return { results, left }
}

/** An error of a step is what the check of that step finds. */
async function tried(check: Check, chain: Chain): Promise<Finding> {
  try {
    return await check.run(chain)
  } catch (error) {
    if (!isEksTokenError(error) || error.code === 'ERR_INTERNAL') throw error
    return { status: 'fail', finding: `${error.message} (${error.code})`, remedy: error.remedy }
  }
}
