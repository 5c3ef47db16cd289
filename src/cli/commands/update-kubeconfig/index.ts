import { statSync } from 'node:fs'
import { closestMatch } from '../../../closest-match.ts'
import type { Settings } from '../../../config/settings.ts'
import { EksTokenError, ERRORS, isEksTokenError } from '../../../errors.ts'
import { changeFile, type PlannedChange } from '../../../kubernetes/kubeconfig/change-file.ts'
import { findConflicts } from '../../../kubernetes/kubeconfig/conflicts.ts'
import { editSource } from '../../../kubernetes/kubeconfig/edit.ts'
import {
  type ClusterEntries,
  clusterEntry,
  contextEntry,
  hasWrittenEntries,
  userEntry,
  withEntries,
} from '../../../kubernetes/kubeconfig/entries.ts'
import { NamedEntries } from '../../../kubernetes/kubeconfig/named-entries.ts'
import { renderBlock } from '../../../kubernetes/kubeconfig/render.ts'
import { findTarget, type KubeconfigFile } from '../../../kubernetes/kubeconfig/target.ts'
import { checkKubeconfig } from '../../../kubernetes/kubeconfig/validate.ts'
import { ownCommand } from '../../../kubernetes/own-command.ts'
import { shellQuote } from '../../../python/shlex.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { applyOptions } from '../../args/apply-options.ts'
import { type ParsedArguments, parseKnown } from '../../args/argparse.ts'
import { rejectUnknown } from '../../args/aws-arguments.ts'
import { OPTIONS } from '../../args/options.ts'
import { printableLines } from '../../output/printable-lines.ts'
import { compileQuery } from '../../output-mode.ts'
import type { Terminal } from '../../terminal.ts'
import { describe } from './describe.ts'
import { createEntries, fillTemplate } from './entries.ts'
import { applyUpdateOptions, SHOWN_OPTIONS, UPDATE_OPTIONS, type UpdateOptions } from './options.ts'

/**
 * Writes the kubeconfig entries of a cluster, as `aws eks update-kubeconfig` does, but that they run this program and that the
 * rest of the file stays byte for byte.
 *
 * @param values - the global options
 * @param words - those of the line that are not global options
 * @returns the exit code
 * @throws EksTokenError `ERR_USAGE`, `ERR_PARAMETER`, `ERR_CLUSTER`, `ERR_KUBECONFIG`, and those of createToken
 */
export async function updateKubeconfigCommand(
  command: 'update-kubeconfig' | 'help' | 'version',
  values: ReadonlyMap<string, string | true>,
  words: readonly string[],
  runtime: Runtime,
  terminal: Terminal,
): Promise<number> {
  if (command === 'help') {
    terminal.out(await help(terminal))
    return 0
  }
  const options = applyUpdateOptions(parseUpdateArguments(words), runtime)
  const global = applyOptions(values, runtime)
  // The output is not filtered, but an invalid query is an error for every command of the AWS CLI.
  await compileQuery(global.output.query)
  // Before any request.
  fillTemplate(options.aliasFormat ?? '', { name: '', region: '', account: '' })
  const program = ownCommand(options.absolutePath, runtime)
  const { clusters, settings, usesEnvironmentKeys } = await describe(options, global, values, runtime, terminal)
  const entries = clusters.map((cluster) => createEntries(options, cluster, settings, program, runtime))
  const isInteractive = terminal.stderr().isTerminal
  if (entries.length === 0) {
    terminal.out('No clusters in this account and region.\n')
    return 0
  }
  rejectSharedContexts(entries)
  await write(entries, options, isInteractive, runtime, terminal)
  if (isInteractive && usesEnvironmentKeys) warnOfProfile(entries, terminal)
  if (isInteractive) warnOfMissingProfile(options, settings, terminal)
  return 0
}

/** Tokens may have another identity than the credentials that made the call. */
function warnOfProfile([entry]: readonly ClusterEntries[], terminal: Terminal): void {
  const isShared = entry?.clusterInfo?.profile !== undefined
  if (!isShared && !entry?.exec.env.some(({ name }) => name === 'AWS_PROFILE')) return
  terminal.err(
    `warning: this call used the credentials in the environment; tokens will use the profile${isShared ? '' : ', unless the variables are set'}\n` +
      "  hint: unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write no profile with --exec-profile ''\n",
  )
}

/** Tokens need the profile of `--exec-profile`; where they are created, it may exist. */
function warnOfMissingProfile({ execProfile }: UpdateOptions, { files }: Settings, terminal: Terminal): void {
  if (!execProfile || files.profiles.has(execProfile)) return
  const match = closestMatch(execProfile, [...files.profiles.keys()])
  const hint =
    match === undefined ? `create it in ${redactValue(files.configPath)}` : `did you mean ${redactValue(match)}?`
  const lines = [
    `warning: profile ${redactValue(execProfile)} (--exec-profile) does not exist here: tokens cannot be created until it does`,
    `  hint: ${hint}`,
  ]
  terminal.err(lines.map((line) => `${sanitizeLine(line)}\n`).join(''))
}

const KNOWN_OPTIONS = [...OPTIONS.filter(({ level }) => level === 'global'), ...UPDATE_OPTIONS]
const HELP_HINT = { remedy: "run 'eks-get-token update-kubeconfig --help' for the options" }

/**
 * @returns option name → value, or true for a flag
 * @throws EksTokenError `ERR_USAGE`
 */
export function parseUpdateArguments(words: readonly string[]): ParsedArguments['values'] {
  const own = withHelpHint(() => parseKnown(words, { options: UPDATE_OPTIONS }))
  checkCombination(own)
  rejectUnknown(own.rest, KNOWN_OPTIONS)
  return own.values
}

/** The default hint for a usage error is the help of get-token. */
function withHelpHint<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!isEksTokenError(error) || error.remedy !== ERRORS.ERR_USAGE.remedy) throw error
    throw new EksTokenError('ERR_USAGE', error.message, { cause: error, ...HELP_HINT })
  }
}

/** @throws EksTokenError `ERR_USAGE` */
function checkCombination({ values, rest: [word] }: ParsedArguments): void {
  if (!values.has('all')) {
    if (values.has('name')) return
    // The name may be in the words that are not known: `--cluster-name demo`, or `demo` alone.
    const mistyped = word === undefined ? undefined : { word, candidates: KNOWN_OPTIONS.map(({ name }) => `--${name}`) }
    const message = 'the following arguments are required: --name'
    throw new EksTokenError('ERR_USAGE', message, { ...HELP_HINT, mistyped })
  }
  const single = ['name', 'alias', 'user-alias', 'cluster-alias'].find((name) => values.has(name))
  if (single) throw new EksTokenError('ERR_USAGE', `--all cannot be combined with --${single}`, HELP_HINT)
}

/** Of several clusters with one name of their context only the last would have one. */
function rejectSharedContexts(entries: readonly ClusterEntries[]): void {
  const names = entries.map(({ contextName }) => contextName)
  const shared = names.find((name, index) => names.indexOf(name) !== index)
  if (shared === undefined) return
  throw new EksTokenError('ERR_USAGE', `several clusters would have the context "${redactValue(shared)}"`, {
    remedy: "use {name} in --alias-format, such as '{name}-{region}'",
  })
}

/** A kubeconfig may contain tokens and keys of other clusters. */
function warnOfMode(path: string, terminal: Terminal): void {
  const stats = statSync(path)
  if (!stats.isFile() || (stats.mode & 0o077) === 0) return
  terminal.err(
    `${sanitizeLine(`warning: other users can read ${path}`)}\n${sanitizeLine(`  hint: chmod 600 ${shellQuote(path)}`)}\n`,
  )
}

async function write(
  entries: readonly ClusterEntries[],
  options: UpdateOptions,
  isInteractive: boolean,
  runtime: Runtime,
  terminal: Terminal,
): Promise<void> {
  const planned = plan(
    findTarget(
      options.kubeconfig,
      entries.map(({ clusterName }) => clusterName),
      runtime,
    ),
    entries,
  )
  const { path } = planned.file
  const check = (file: KubeconfigFile): void => {
    if (!options.force) rejectConflicts(file, entries, options, isInteractive)
  }
  check(planned.file)
  if (options.dryRun) {
    const text = planned.text.endsWith('\n') ? planned.text : `${planned.text}\n`
    terminal.out(terminal.stdout().isTerminal ? printableLines(text) : text)
    return
  }
  const change = {
    plan: (file: KubeconfigFile) => plan(file, entries),
    beforeWrite: ({ file }: PlannedChange) => check(file),
    isKept: ({ config }: KubeconfigFile) => hasWrittenEntries(config, entries),
  }
  const written = await changeFile(planned, change, runtime)
  const previous = new NamedEntries(written.file.config)
  for (const entry of entries) reportEntry(entry, previous.has('clusters', entry.clusterName), path, options, terminal)
  if (isInteractive && runtime.processHost.platform !== 'win32') warnOfMode(path, terminal)
}

function reportEntry(
  entry: ClusterEntries,
  wasThere: boolean,
  path: string,
  options: UpdateOptions,
  terminal: Terminal,
): void {
  const line = `${wasThere ? 'Updated' : 'Added new'} context ${entry.contextName} ${wasThere ? 'in' : 'to'} ${path}`
  // A script gets the text of the AWS CLI.
  terminal.out(`${terminal.stdout().isTerminal ? sanitizeLine(line) : line}\n`)
  if (options.verbose) terminal.out(renderEntries(entry))
}

function plan(file: KubeconfigFile, entries: readonly ClusterEntries[]): PlannedChange {
  const target = withEntries(file.config, entries)
  checkKubeconfig(target, file.path, 'aws-cli')
  return { file, text: editSource(file.source, target) }
}

/**
 * Without `--force`, entries that are used for something else are not overwritten at a terminal. Elsewhere, entries of EKS clusters
 * are, as by the AWS CLI: scripts use one user for many clusters, or another role for a cluster, and a command can write
 * them again. Nothing can do that for the credentials of other clusters.
 */
function rejectConflicts(
  file: KubeconfigFile,
  entries: readonly ClusterEntries[],
  { all }: UpdateOptions,
  isInteractive: boolean,
): void {
  const existing = new NamedEntries(file.config)
  const conflicts = entries
    .flatMap((entry) => findConflicts(existing, entry).map((conflict) => ({ ...conflict, userName: entry.userName })))
    .filter(({ isRepeatable }) => isInteractive || !isRepeatable)
  const [conflict] = conflicts
  if (!conflict) return
  const { kind, name, why, userName } = conflict
  const option =
    kind === 'cluster' ? '--cluster-alias' : kind === 'user' || name === userName ? '--user-alias' : '--alias'
  const rename = all ? kind === 'context' && 'use other names with --alias-format' : `use another name with ${option}`
  throw new EksTokenError(
    'ERR_KUBECONFIG',
    `the ${kind} "${redactValue(name)}" in ${file.path} would be overwritten: ${redactValue(why)}`,
    {
      remedy: `${rename ? `${rename}, or ` : ''}overwrite it with --force`,
    },
  )
}

/** The entries, each followed by a blank line, as the AWS CLI prints them. */
function renderEntries(entries: ClusterEntries): string {
  const layout = { indent: '', lineBreak: '\n' }
  const parts = [contextEntry({}, entries), userEntry({}, entries), clusterEntry({}, entries)]
  return `Entries:\n\n${parts.map((part) => `${renderBlock(part, layout)}\n\n`).join('')}`
}

async function help(terminal: Terminal): Promise<string> {
  const { awsCommandHelp } = await import('../../commander.ts')
  return awsCommandHelp(terminal, {
    name: 'update-kubeconfig',
    usage: '--name <name> [options]',
    description:
      "Write a cluster into the kubeconfig, as 'aws eks update-kubeconfig' does, with this program as credential plugin. " +
      'The rest of the file is not changed.',
    options: SHOWN_OPTIONS,
    footer: `
Examples:
  # add a cluster, or update its entries
  eks-get-token update-kubeconfig --name demo --region us-west-2
  # a second role for the same cluster
  eks-get-token update-kubeconfig --name demo --user-alias demo-admin \\
      --role-arn arn:aws:iam::111122223333:role/admin
`,
  })
}
