import { closestCommand, closestMatch, closestOption } from '../closest-match.ts'
import type { MistypedWord } from '../errors.ts'
import { redactArgument } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { knownErrorName, stackFrames } from '../stack-frames.ts'
import { awsLinkNotice } from './aws-link.ts'

/**
 * The hint for a mistyped word: what was meant, else all commands.
 *
 * @param argv - the command line with the word
 * @param runtime - with the name by which this program was started
 * @returns undefined for an option that is similar to no other
 */
export function suggestion(
  { word, candidates }: MistypedWord,
  argv: readonly string[],
  runtime: Pick<Runtime, 'processHost'>,
): string | undefined {
  if (word.startsWith('-')) {
    const option = closestOption(word, candidates)
    return option && `did you mean ${option}?`
  }
  return candidates.some((candidate) => candidate.startsWith('-'))
    ? valueSuggestion(word, candidates, argv)
    : commandSuggestion(word, candidates, argv, awsLinkNotice(runtime))
}

/** A word in place of an option: a value whose option is missing. */
function valueSuggestion(word: string, options: readonly string[], argv: readonly string[]): string {
  const isUpdate = !options.includes('--cluster-name')
  const option = isUpdate ? '--name' : '--cluster-name'
  const isGiven = argv.some((other) => other.split('=')[0] === option)
  const help = `'eks-get-token ${isUpdate ? 'update-kubeconfig ' : ''}--help'`
  if (closestMatch(word, ['help']) !== undefined) return `did you mean ${help}?`
  return isGiven
    ? `quote a value that contains spaces, or remove '${redactArgument(word)}'; run ${help}`
    : `did you mean ${option} ${redactArgument(word)}?`
}

/** @param aws - what this program has of the AWS CLI, if it is in its place */
function commandSuggestion(
  word: string,
  commands: readonly string[],
  argv: readonly string[],
  aws: string | undefined,
): string {
  if (word === 'sso') {
    const action = closestMatch(argv[argv.indexOf(word) + 1] ?? '', ['login', 'logout'])
    return action === undefined
      ? "use 'eks-get-token sso login' or 'eks-get-token sso logout'"
      : `did you mean 'eks-get-token sso ${action}'?`
  }
  if (commands.includes(word)) return `run 'eks-get-token ${word}', without arguments before it`
  const match = closestMatch(word, ['eks', 'help', '--version', ...commands]) ?? closestCommand(word, commands)
  // Other services have similar names: `ecs`.
  const isService = aws !== undefined && !argv.includes('eks')
  if (match !== undefined && !isService) return `did you mean ${match}?`
  if (aws !== undefined) return `${aws}; run the AWS CLI by its path, or remove the link`
  return `specify the cluster with --cluster-name, or use one of the commands ${commands.join(', ')}; run 'eks-get-token --help'`
}

/** Without messages, which are not redacted, and without names that the SDK took from a response. */
export function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const { cause } = error
  const name = cause instanceof Error ? knownErrorName(cause) : undefined
  return [
    ...stackFrames(error).map((frame) => `debug: ${frame}`),
    ...(cause ? [`debug: caused by ${name ?? 'a service error'}`, ...stackOf(cause)] : []),
  ]
}
