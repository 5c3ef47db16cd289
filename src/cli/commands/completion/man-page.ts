import type { OptionSpec } from '../../args/option.ts'
import { OPTIONS } from '../../args/options.ts'
import type { CommandEntry } from '../../subcommand.ts'
import { VERSION } from '../../version.ts'
import { commandSyntax } from './syntax.ts'

/**
 * The man page of the program, made from the tables that parse the command line; its sections have the order of man-pages(7),
 * its options that of the help. https://man7.org/linux/man-pages/man7/man-pages.7.html, groff_man.7.html
 */
export async function manPage(entries: readonly CommandEntry[]): Promise<string> {
  const syntax = await commandSyntax(entries)
  const descriptions = new Map(await Promise.all(entries.map(async ({ name, load }) => [name, await load()] as const)))
  const commands = syntax.filter(({ name }) => name !== '')
  const ignored = OPTIONS.filter(({ help }) => help === '').map(({ name }) => `--${name}`)
  return [
    `.TH EKS\\-GET\\-TOKEN 1 "" "eks\\-get\\-token ${VERSION}" "User Commands"`,
    '.SH NAME',
    'eks\\-get\\-token \\- Kubernetes credentials for Amazon EKS, as aws eks get\\-token prints them',
    '.SH SYNOPSIS',
    '.B eks\\-get\\-token',
    '[\\fBeks get\\-token\\fR] \\fB\\-\\-cluster\\-name\\fR \\fIname\\fR [\\fIoptions\\fR]',
    '.br',
    '.B eks\\-get\\-token',
    '\\fIcommand\\fR [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    roff(
      'Prints a Kubernetes ExecCredential for an Amazon EKS cluster. kubectl and other clients run it as the command in the ' +
        "exec block of a kubeconfig's user. Its options, its credentials and its output are those of aws eks get-token.",
    ),
    '.SH OPTIONS',
    ...optionList(shownOptions()),
    '.PP',
    roff(`Accepted for AWS CLI compatibility, with no effect: ${ignored.join(', ')}.`),
    '.SH COMMANDS',
    ...commands.flatMap(({ name, summary, options }) => {
      const {
        description = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
        usage = '--name <name> [options]',
      } = descriptions.get(name) ?? {}
      const own = options.filter((option) => !OPTIONS.includes(option as never))
      return [
        `.SS ${roff(`${name} ${usage}`.replaceAll('\n', ' '))}`,
        ...description.split(/\n+/).flatMap((paragraph) => [roff(paragraph), '.PP']),
        ...optionList(own),
      ]
    }),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(([name, meaning]) => ['.TP', `.B ${name}`, roff(meaning)]),
    '.PP',
    roff(
      'The variables of the AWS CLI (AWS_PROFILE, AWS_REGION, AWS_CONFIG_FILE, HTTPS_PROXY, ...) have the same meaning here.',
    ),
    '.SH FILES',
    ...FILES.flatMap(([name, meaning]) => ['.TP', `.I ${roff(name)}`, roff(meaning)]),
    '.SH EXAMPLES',
    ...EXAMPLES.flatMap(([meaning, line]) => [roff(meaning), '.PP', '.RS', '.nf', roff(line), '.fi', '.RE', '.PP']),
    '.SH SEE ALSO',
    '.BR kubectl (1)',
    '',
  ].join('\n')
}

/** The options of get-token first, then the global ones, and what only prints. */
function shownOptions(): OptionSpec[] {
  const rank = (option: (typeof OPTIONS)[number]): number =>
    'prints' in option ? 2 : option.level === 'global' ? 1 : 0
  return OPTIONS.filter(({ help }) => help !== '').sort((a, b) => rank(a) - rank(b))
}

function optionList(options: readonly OptionSpec[]): string[] {
  return options.flatMap(({ name, short, value, help }) => {
    const flags = `${short === undefined ? '' : `\\fB${roff(short)}\\fR, `}\\fB${roff(`--${name}`)}\\fR`
    return ['.TP', value === undefined ? flags : `${flags} \\fI${roff(value)}\\fR`, roff(help)]
  })
}

const EXIT_CODES = [
  ['0', 'success'],
  ['1', 'inspect, verify, doctor: a check failed; login --status: not signed in'],
  ['130', 'interrupted'],
  ['252', 'usage error'],
  ['253', 'no credentials, or no region where one is required'],
  ['254', 'service error'],
  ['255', 'any other error, such as an expired login'],
] as const

const VARIABLES = [
  ['EKS_GET_TOKEN_TIMEOUT', 'timeout for the whole run, in seconds; 0: no limit'],
  ['EKS_GET_TOKEN_LOGIN', 'auto: sign in when the login has expired, as with --login auto'],
  ['EKS_GET_TOKEN_NO_CACHE', 'any value except 0 and false: do not read or write cached credentials'],
] as const

const FILES = [
  ['~/.aws/config, ~/.aws/credentials', 'profiles of the AWS CLI'],
  ['~/.aws/cli/cache, ~/.aws/sso/cache, ~/.aws/login/cache', 'roles and logins, shared with the AWS CLI'],
  ['~/.cache/eks-get-token', 'sessions of --role-arn (macOS: ~/Library/Caches, Windows: %LOCALAPPDATA%)'],
  ['~/.local/state/eks-get-token', 'data for convert-kubeconfig --restore'],
  ['~/.kube/config', 'kubeconfig, unless KUBECONFIG is set'],
] as const

const EXAMPLES = [
  ['The command that kubectl runs:', 'eks-get-token --cluster-name demo --region us-west-2'],
  ['Write a cluster into the kubeconfig:', 'eks-get-token update-kubeconfig --name demo --region us-west-2'],
  ["Find out why a cluster responds with 'Unauthorized':", 'eks-get-token doctor'],
] as const

/**
 * Text in which no character has a meaning for roff: hyphens can be copied, and no line begins with a request. A terminal
 * without UTF-8 shows all of it.
 */
function roff(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
}
