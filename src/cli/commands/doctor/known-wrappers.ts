import { shellSplit } from '../../../python/shlex.ts'
import { type OptionTable, type ParsedOption, parseOptions } from './getopt.ts'

/** A command line, with the variables that it sets. */
export interface CommandLine {
  readonly command: string
  readonly args: readonly string[]
  /** undefined: the variable is removed. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether the plugin gets only `env`. */
  readonly clearsEnvironment: boolean
}

type Unwrap = (args: readonly string[]) => (Partial<CommandLine> & { suppliesCredentials?: boolean }) | undefined

/** By the name of the program; undefined: the arguments cannot be followed. Without a command it runs none. */
export const WRAPPERS: Readonly<Record<string, Unwrap>> = {
  env: unwrapEnv,
  sh: unwrapShell,
  bash: unwrapShell,
  dash: unwrapShell,
  zsh: unwrapShell,
  node: (args) => (args[0] === undefined || args[0].startsWith('-') ? undefined : rest(args)),
  npx: (args) => withoutFlags(args, ['-p', '--package'], (name) => name.replace(/(?<=.)@.*$/, '')),
  nice: (args) => afterOptions(/^-\d+$/.test(args[0] ?? '') ? args.slice(1) : args, NICE),
  nohup: (args) => afterOptions(args, NO_OPTIONS),
  timeout: (args) => afterOptions(args, TIMEOUT, 1),
  stdbuf: (args) => afterOptions(args, STDBUF),
  setsid: (args) => afterOptions(args, SETSID),
  ionice: (args) => afterOptions(args, IONICE),
  time: (args) => afterOptions(args, TIME),
  exec: (args) => afterOptions(args, EXEC),
  command: (args) => afterOptions(args, COMMAND),
  'aws-vault': (args) => (args[0] === 'exec' ? afterProfile(args.slice(1), AWS_VAULT_VALUES) : undefined),
  'aws-okta': (args) => (args[0] === 'exec' ? afterProfile(args.slice(1), []) : undefined),
  chamber: (args) => (args[0] === 'exec' ? afterDashes(args) : undefined),
  saml2aws: (args) => (args[0] === 'exec' ? afterDashes(args) : undefined),
  doppler: (args) => (args[0] === 'run' ? afterDashes(args) : undefined),
  op: (args) => (args[0] === 'run' || (args[0] === 'plugin' && args[1] === 'run') ? afterDashes(args) : undefined),
  granted: unwrapAssume,
  assume: unwrapAssume,
  wsl: (args) => {
    const words = withoutFlags(args, ['-d', '--distribution', '-u', '--user', '--cd', '--shell-type'])
    return words && { ...words, suppliesCredentials: true }
  },
}

// https://www.gnu.org/software/coreutils/manual/html_node/Modified-command-invocation.html
const ENV: OptionTable = {
  flags: ['i', 'ignore-environment', '0', 'null', 'v', 'debug', 'list-signal-handling'],
  values: ['u', 'unset', 'C', 'chdir', 'S', 'split-string', 'a', 'argv0'],
  optionalValues: ['block-signal', 'default-signal', 'ignore-signal'],
}
const NICE: OptionTable = { values: ['n', 'adjustment'] }
const TIMEOUT: OptionTable = {
  flags: ['foreground', 'f', 'preserve-status', 'p', 'v', 'verbose'],
  values: ['k', 'kill-after', 's', 'signal'],
}
const STDBUF: OptionTable = { values: ['i', 'input', 'o', 'output', 'e', 'error'] }
const NO_OPTIONS: OptionTable = {}
// https://man7.org/linux/man-pages/man1/setsid.1.html, https://man7.org/linux/man-pages/man1/ionice.1.html
const SETSID: OptionTable = { flags: ['c', 'ctty', 'f', 'fork', 'w', 'wait'] }
const IONICE: OptionTable = { flags: ['t', 'ignore'], values: ['c', 'class', 'n', 'classdata'] }
// https://man7.org/linux/man-pages/man1/time.1.html
const TIME: OptionTable = {
  flags: ['a', 'append', 'p', 'portability', 'q', 'quiet', 'v', 'verbose'],
  values: ['f', 'format', 'o', 'output'],
}
// https://www.gnu.org/software/bash/manual/bash.html#Bourne-Shell-Builtins
const EXEC: OptionTable = { flags: ['c', 'l'], values: ['a'] }
const COMMAND: OptionTable = { flags: ['p'] }

const AWS_VAULT_VALUES = [
  '-d',
  '--duration',
  '-t',
  '--mfa-token',
  '--region',
  '--backend',
  '--prompt',
  '--keychain',
  '--output',
]

/** Variables that an outer wrapper sets do not reach past one that clears the environment. */
export function within(
  outer: Pick<CommandLine, 'env' | 'clearsEnvironment'>,
  inner: Partial<CommandLine>,
): CommandLine {
  const clearsEnvironment = inner.clearsEnvironment ?? false
  return {
    command: inner.command ?? '',
    args: inner.args ?? [],
    env: { ...(clearsEnvironment ? {} : outer.env), ...inner.env },
    clearsEnvironment: outer.clearsEnvironment || clearsEnvironment,
  }
}

function rest([command = '', ...args]: readonly string[]) {
  return { command, args }
}

/** The words after flags, some of which have a value. */
function withoutFlags(words: readonly string[], withValue: readonly string[], name = (word: string) => word) {
  let index = 0
  for (; words[index]?.startsWith('-'); index++) {
    const word = words[index] as string
    if (word === '--' || word === '-e' || word === '--exec') return rest(words.slice(index + 1))
    if (withValue.includes(word)) index++
  }
  const { command, args } = rest(words.slice(index))
  return { command: name(command), args }
}

function afterDashes(words: readonly string[]) {
  const index = words.indexOf('--')
  return index < 0 ? undefined : { ...rest(words.slice(index + 1)), suppliesCredentials: true }
}

/** `[flags] profile [flags] [--] command`: the profile is selected as AWS_PROFILE would select it. */
function afterProfile(words: readonly string[], withValue: readonly string[]) {
  const dashes = words.indexOf('--')
  const head = dashes < 0 ? words : words.slice(0, dashes)
  const positionals: number[] = []
  for (let index = 0; index < head.length; index++) {
    const word = head[index] as string
    if (!word.startsWith('-')) positionals.push(index)
    else if (withValue.includes(word)) index++
    // Without `--` the flags of the command follow it.
    if (dashes < 0 && positionals.length === 2) break
  }
  const [profile, command] = positionals
  const start = dashes < 0 ? command : dashes + 1
  if (profile === undefined || start === undefined) return undefined
  return { ...rest(words.slice(start)), env: { AWS_PROFILE: head[profile] }, suppliesCredentials: true }
}

/** `assume PROFILE --exec "command"`, also `-e`. https://docs.commonfate.io/granted/usage/assuming-roles */
function unwrapAssume(words: readonly string[]) {
  const flag = words.findIndex((word) => /^(--exec|-e)(=|$)/.test(word))
  if (flag < 0) return undefined
  const text = words[flag]?.includes('=') ? words[flag]?.replace(/^[^=]*=/, '') : words[flag + 1]
  const profile = words.find((word, index) => !word.startsWith('-') && index !== flag + 1 && word !== 'assume')
  const line = simpleCommand(text ?? '')
  return line && { ...line, env: { ...line.env, AWS_PROFILE: profile }, suppliesCredentials: true }
}

/** The words after the options of a wrapper, and after a number of operands. Without a command it runs none. */
function afterOptions(words: readonly string[], table: OptionTable, operands = 0) {
  const parsed = parseOptions(words, table)
  if (parsed === undefined) return undefined
  return parsed === 'nothing' ? RUNS_NOTHING : rest(parsed.rest.slice(operands))
}

const RUNS_NOTHING = { command: '' }

function unwrapEnv(words: readonly string[]): Partial<CommandLine> | undefined {
  const parsed = parseOptions(words, ENV)
  if (parsed === undefined) return undefined
  if (parsed === 'nothing') return RUNS_NOTHING
  const env: Record<string, string | undefined> = {}
  let clearsEnvironment = false
  for (const [index, { name, value = '' }] of parsed.options.entries()) {
    if (name === 'S' || name === 'split-string') {
      const isPlain = !/[\\$#]/.test(value)
      const split = isPlain ? shellSplit(value) : undefined
      // What follows is parsed again, with the words of the string in its place.
      const inner = split && unwrapEnv([...split, ...wordsOf(parsed.options.slice(index + 1)), ...parsed.rest])
      return inner && within({ env, clearsEnvironment }, inner)
    }
    if (name === 'i' || name === 'ignore-environment') clearsEnvironment = true
    else if (name === 'u' || name === 'unset') env[value] = undefined
    // With a command these are errors.
    else if (['0', 'null', 'list-signal-handling'].includes(name)) return RUNS_NOTHING
  }
  // A dash is the short form of -i.
  const rests = parsed.rest[0] === '-' ? parsed.rest.slice(1) : parsed.rest
  clearsEnvironment ||= rests !== parsed.rest
  const command = rests.findIndex((word) => !/^[^=]+=/.test(word))
  for (const word of command < 0 ? rests : rests.slice(0, command)) {
    env[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
  }
  return { ...(command < 0 ? RUNS_NOTHING : rest(rests.slice(command))), env, clearsEnvironment }
}

function wordsOf(options: readonly ParsedOption[]): string[] {
  return options.flatMap(({ name, value }) => {
    if (name.length > 1) return value === undefined ? `--${name}` : `--${name}=${value}`
    return value === undefined ? `-${name}` : [`-${name}`, value]
  })
}

/** A login shell or an interactive one reads startup files first, which set PATH and other variables. */
function unwrapShell(words: readonly string[]): Partial<CommandLine> | undefined {
  const index = words.findIndex((word) => /^-[a-z]*c$/.test(word))
  if (index < 0 || words.slice(0, index + 1).some((word) => !/^-[^-li]+$/.test(word))) return undefined
  return simpleCommand(words[index + 1] ?? '')
}

/** The command of a script that only sets variables before it; undefined where a shell would have to expand or decide. */
function simpleCommand(script: string): Partial<CommandLine> | undefined {
  const env: Record<string, string> = {}
  const lines = script
    .split(/\n|;|&&/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  for (const [index, line] of lines.entries()) {
    const words = /[$`|&<>()*?~!#{}\\]/.test(line) ? undefined : shellSplit(line)
    if (!words) return undefined
    const command = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
    const assignments = command < 0 ? words : words.slice(0, command)
    const isLast = index === lines.length - 1
    const isExport = words[command] === 'export' && words.slice(command + 1).every((word) => word.includes('='))
    for (const word of isExport ? words.slice(command + 1) : assignments) {
      if (isExport || isLast) env[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
    }
    if (isLast && command >= 0 && !isExport) return { ...rest(words.slice(command)), env }
    if (!isExport) return undefined
  }
  return undefined
}
