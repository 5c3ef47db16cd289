import { closestCommand, closestMatch } from '../closest-match.ts'
import type { MistypedWord } from '../errors.ts'

/** The hint for a mistyped word: the one that was meant, else all commands; undefined for an option like no other. */
export function suggestion({ word, candidates }: MistypedWord): string | undefined {
  const name = word.split('=')[0] ?? ''
  const match = name.startsWith('--') ? closestMatch(name, candidates) : closestCommand(name, candidates)
  if (match !== undefined) return `did you mean ${match}?`
  if (name.startsWith('-')) return undefined
  return `specify the cluster with --cluster-name, or use one of the commands ${candidates.join(', ')}; run 'eks-get-token --help'`
}

/** Without the messages, which are not redacted, and without names that the SDK took from a response. */
export function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter((line) => STACK_FRAME.test(line))
  const cause = error.cause ? [`debug: caused by ${errorName(error.cause)}`, ...stackOf(error.cause)] : []
  return [...frames.map((line) => `debug: ${line.trim()}`), ...cause]
}

/** `at function (file:line:column)`, `at file:line:column` */
const STACK_FRAME = /^\s+at (?:.*\(|async )?(?:[^\s()]+:\d+:\d+|<anonymous>|native)\)?$/

function errorName(error: unknown): string {
  const { name } = error as Error
  return /^(EksTokenError|RequestFailure|(Type|Range|Syntax|Aggregate)?Error)$/.test(name) ? name : 'a service error'
}
