import { type AwsCommandLine, COMMAND_WORDS, parseAwsArguments } from '../../args/aws-arguments.ts'

/** Options whose values are free text, which does not decide how the other words are read. */
const FREE_OPTIONS = ['--cluster-name', '--region', '--role-arn', '--role', '--profile']

/** {@link parseAwsArguments} @throws EksTokenError `ERR_USAGE` */
export type ParseArguments = (args: readonly string[]) => AwsCommandLine

/**
 * A parser for the arguments of many exec blocks, most of which differ in a few values only: what has the same form is parsed
 * once. For 1,000 users, parsing each takes as long as reading the file.
 */
export function createArgumentsParser(): ParseArguments {
  const forms = new Map<string, AwsCommandLine>()
  return (args) => {
    if (args.some((word) => word.includes(PLACEHOLDER))) return parseAwsArguments(args)
    const form = args.map((word, index) => (isFree(args, index) ? `${PLACEHOLDER}${index}` : word))
    const key = JSON.stringify(form)
    const line = forms.get(key) ?? parseAwsArguments(form)
    forms.set(key, line)
    const values = [...line.values].map(([name, value]) => [name, originalValue(value, args)] as const)
    return { ...line, values: new Map(values) }
  }
}

/** A character that no argument of a process can have. */
const PLACEHOLDER = '\0'

function isFree(args: readonly string[], index: number): boolean {
  const word = args[index] ?? ''
  const isOther = word.startsWith('-') || COMMAND_WORDS.includes(word) || args.includes('--')
  return !isOther && FREE_OPTIONS.includes(args[index - 1] ?? '')
}

function originalValue(value: string | true, args: readonly string[]): string | true {
  return value !== true && value.startsWith(PLACEHOLDER) ? (args[Number(value.slice(1))] as string) : value
}
