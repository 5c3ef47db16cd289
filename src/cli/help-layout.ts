import { isIgnored } from './args/option.ts'
import { OPTIONS } from './args/options.ts'
import type { CommandName } from './commands/index.ts'
import { SUMMARIES } from './commands/summaries.ts'
import { wrapHelp } from './style.ts'
import { CREDENTIAL_EXIT_CODES } from './subcommand.ts'
import type { Terminal } from './terminal.ts'

/** Wider help is hard to read. */
const MAX_WIDTH = 100
const DEFAULT_WIDTH = 80
/** Narrower lines are left to the terminal. */
const MIN_WIDTH = 40
/** In narrower lines a text is below its option or command, not beside it. */
const MIN_TWO_COLUMNS = 60
const STACKED_INDENT = ' '.repeat(6)

export function isNarrow(width: number): boolean {
  return width < MIN_TWO_COLUMNS
}

export function stackedItem(width: number) {
  return (term: string, _termWidth: number, description: string): string =>
    [`  ${term}`, ...indentedBy(STACKED_INDENT, description, width)].join('\n')
}

function indentedBy(indent: string, text: string, width: number): string[] {
  return wrapHelp(text, width - indent.length).map((line) => indent + line)
}

/** The syntax after `Usage: NAME`, below it if it does not fit. */
export function usageOf(name: string, usage: string, width: number): string {
  return `Usage: ${name} ${usage}`.length <= width ? usage : `\n${indentedBy('    ', usage, width).join('\n')}`
}

/** Commander adds a space after the name, also before a line break. */
export function withoutTrailingSpaces(text: string): string {
  return text.replace(/ +$/gm, '')
}

/** The width of the terminal, at most 100 columns; 80 if it is unknown. */
export function helpWidth(terminal: Terminal): number {
  const { columns } = terminal.stdout()
  return Math.max(MIN_WIDTH, Math.min(columns || DEFAULT_WIDTH, MAX_WIDTH))
}

const PROGRAM_EXAMPLES = `Examples:
  # the command that kubectl runs
  eks-get-token --cluster-name demo --region us-west-2
  # only the token
  eks-get-token --cluster-name demo --query status.token --output text
  # AWS CLI syntax: 'eks get-token', abbreviated options, options in any position
  eks-get-token --region us-west-2 eks get-token --cluster-name demo --role arn:aws:iam::111122223333:role/r
`

export function programFooter(width: number, platform: string): string {
  // The compiler reports a command without a summary.
  const summaries: Readonly<Record<CommandName | 'update-kubeconfig', string>> = SUMMARIES
  const commands = Object.entries(summaries)
  const nameWidth = Math.max(...commands.map(([name]) => name.length))
  const names = commands.map(([name, summary]) => helpRow(name, summary, nameWidth, width))
  const ignored = OPTIONS.filter(isIgnored).map(({ name }) => `--${name}`)
  return `
${wrapHelp("Commands (run 'eks-get-token <command> --help' for details):", width).join('\n')}
${names.join('\n')}

${wrapHelp('Accepted for AWS CLI compatibility, with no effect:', width).join('\n')}
${indented(wrapHelp(ignored.join('  '), width - 2))}
${helpFooter(PROGRAM_EXAMPLES, { ...CREDENTIAL_EXIT_CODES, 1: 'inspect, verify, doctor: a check failed; login --status: not signed in', 255: 'any other error, such as an expired login' }, width, platform)}`
}

/** The exit codes of every command, and what they mean unless a command says otherwise. */
const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'success',
  130: 'interrupted',
  252: 'usage error',
  255: 'any other error',
}

/** Examples and exit codes. */
export function helpFooter(
  examples: string,
  exitCodes: Readonly<Record<number, string>>,
  width: number,
  platform: string,
): string {
  const lines = examples
    .trim()
    .replace(platform === 'win32' ? /(?: \\)?\n {4,}/g : / \\\n\s+/g, ' ')
    .split('\n')
    .flatMap((line) => wrapExample(line, width, platform))
  const codes = Object.entries({ ...EXIT_CODES, ...exitCodes }).map(([code, text]) => helpRow(code, text, 3, width))
  return `\n${lines.join('\n')}\n\nExit codes:\n${codes.join('\n')}\n`
}

function helpRow(name: string, text: string, nameWidth: number, width: number): string {
  // Exit codes are narrow enough.
  if (isNarrow(width) && nameWidth > 3) return [`  ${name}`, ...indentedBy(STACKED_INDENT, text, width)].join('\n')
  const indent = 2 + nameWidth + 2
  const [first = '', ...more] = wrapHelp(text, width - indent)
  return [`  ${name.padEnd(nameWidth)}  ${first}`, ...more.map((line) => ' '.repeat(indent) + line)].join('\n')
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line.trim()}`).join('\n')
}

/** A comment continues in another comment, a command after a backslash, which the shells of Windows do not know. */
function wrapExample(line: string, width: number, platform: string): string[] {
  if (line.length <= width) return [line]
  const [, indent = '', mark = '', text = ''] = /^(\s*)(# )?(.*)$/.exec(line) ?? []
  if (mark) return wrapHelp(text, width - indent.length - 2).map((part) => `${indent}# ${part}`)
  if (platform === 'win32') return [line]
  // A quoted argument is not broken.
  const words = text.match(/(?:'[^']*'|"[^"]*"|\S)+/g) ?? []
  const lines: string[] = ['']
  for (const word of words) {
    const current = lines.at(-1) ?? ''
    const available = width - indent.length - 2 - (lines.length > 1 ? 4 : 0)
    if (current === '') lines[lines.length - 1] = word
    else if (current.length + 1 + word.length <= available) lines[lines.length - 1] = `${current} ${word}`
    else lines.push(word)
  }
  return lines.map(
    (part, index) => `${indent}${index === 0 ? '' : '    '}${part}${index < lines.length - 1 ? ' \\' : ''}`,
  )
}
