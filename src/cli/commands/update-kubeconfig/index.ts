import { EksTokenError } from '../../../errors.ts'
import { changeFile } from '../../../kubernetes/kubeconfig/change-file.ts'
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
import type { PlannedChange } from '../../../kubernetes/kubeconfig/find-lost.ts'
import { NamedEntries } from '../../../kubernetes/kubeconfig/named-entries.ts'
import { renderBlock } from '../../../kubernetes/kubeconfig/render.ts'
import { findTarget, type KubeconfigFile } from '../../../kubernetes/kubeconfig/target.ts'
import { checkKubeconfig } from '../../../kubernetes/kubeconfig/validate.ts'
import { ownCommand } from '../../../kubernetes/own-command.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { applyOptions } from '../../args/apply-options.ts'
import { givenLine } from '../../identity-line.ts'
import { printableLines } from '../../output/printable-lines.ts'
import { compileQuery } from '../../output-mode.ts'
import type { Terminal } from '../../terminal.ts'
import { parseUpdateArguments } from './arguments.ts'
import { describe } from './describe.ts'
import { createEntries, fillTemplate } from './entries.ts'
import { applyUpdateOptions, SHOWN_OPTIONS, type UpdateOptions } from './options.ts'
import {
  warnOfCurrentContext,
  warnOfFormerUsers,
  warnOfMissingProfile,
  warnOfMode,
  warnOfProfile,
  warnOfRole,
  warnOfSharedLogin,
} from './warnings.ts'

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
    terminal.out(await help(runtime, terminal))
    return 0
  }
  const own = parseUpdateArguments(words)
  const options = applyUpdateOptions(own, runtime)
  const global = applyOptions(values, runtime)
  // The output is not filtered, but an invalid query is an error for every command of the AWS CLI.
  await compileQuery(global.output.query)
  // Before any request.
  fillTemplate(options.aliasFormat ?? '', { name: '', region: '', account: '' })
  const program = ownCommand(options.absolutePath, runtime)
  const lineFor = (name: string, region: string) =>
    givenLine(
      'update-kubeconfig',
      SHOWN_OPTIONS,
      new Map([...values, ...own, ['name', name], ['region', region]]),
      runtime.processHost.platform,
    )
  const { clusters, settings, usesEnvironmentKeys } = await describe(
    options,
    global,
    values,
    lineFor,
    runtime,
    terminal,
  )
  const entries = clusters.map((cluster) => createEntries(options, cluster, settings, program, runtime))
  const isInteractive = terminal.stderr().isTerminal
  if (entries.length === 0) {
    terminal.out('No clusters in this account and region.\n')
    return 0
  }
  rejectSharedContexts(entries)
  const previous = await write(entries, options, isInteractive, runtime, terminal)
  if (isInteractive && usesEnvironmentKeys) warnOfProfile(entries, runtime, terminal)
  if (!isInteractive) return 0
  warnOfMissingProfile(options, settings, terminal)
  warnOfRole(options, entries, terminal)
  if (previous) {
    warnOfFormerUsers(entries, previous, runtime, terminal)
    warnOfSharedLogin(entries, previous, terminal)
    warnOfCurrentContext(entries, previous.path, options, runtime, terminal)
  }
  return 0
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

/** @returns the file before the change; undefined with `--dry-run` */
async function write(
  entries: readonly ClusterEntries[],
  options: UpdateOptions,
  isInteractive: boolean,
  runtime: Runtime,
  terminal: Terminal,
): Promise<KubeconfigFile | undefined> {
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
    return undefined
  }
  const change = {
    plan: (file: KubeconfigFile) => plan(file, entries),
    beforeWrite: ({ file }: PlannedChange) => check(file),
    isKept: ({ config }: KubeconfigFile) => hasWrittenEntries(config, entries),
  }
  const written = await changeFile(planned, change, runtime)
  const previous = new NamedEntries(written.file.config)
  for (const entry of entries) reportEntry(entry, previous.has('clusters', entry.clusterName), path, options, terminal)
  if (isInteractive) warnOfMode(path, runtime, terminal)
  return written.file
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

async function help(runtime: Runtime, terminal: Terminal): Promise<string> {
  const { awsCommandHelp } = await import('../../commander.ts')
  return awsCommandHelp(terminal, runtime, {
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
