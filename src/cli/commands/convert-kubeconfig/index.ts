import { EksTokenError } from '../../../errors.ts'
import { asList, field, textField } from '../../../json.ts'
import { changeFile, type PlannedChange, type WriteHooks } from '../../../kubernetes/kubeconfig/change-file.ts'
import { sourceEdits } from '../../../kubernetes/kubeconfig/edit.ts'
import { candidatePaths, type KubeconfigFile, readKubeconfigFile } from '../../../kubernetes/kubeconfig/target.ts'
import { applyEdits, type Edit } from '../../../kubernetes/kubeconfig/text-edit.ts'
import { redactValue } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { setsFlag, setsText } from '../../args/option.ts'
import { defineCommand, type ParsedCommand } from '../../subcommand.ts'
import type { Terminal } from '../../terminal.ts'
import { type Conversion, convertUsers, restoreUsers, type UserResult } from './convert.ts'
import { createStep, readHistory, type Step, undoSteps, writeHistory } from './history.ts'
import { kuberc } from './kuberc.ts'
import { maskSecrets, showMasks } from './mask-secrets.ts'
import { SHARED_USER, type SharedRecord, shareUsers, unshareUsers } from './share.ts'
import { unifiedDiff } from './unified-diff.ts'

interface ConvertOptions {
  /** Names of contexts; empty: all users. */
  contexts: readonly string[]
  kubeconfig?: string
  dryRun: boolean
  restore: boolean
  absolutePath: boolean
  printKuberc: boolean
  sharedUser: boolean
}

const option = { level: 'own', origin: 'own' } as const

/** Converts the users of kubeconfigs to this program, and back. */
export const COMMAND = defineCommand<ConvertOptions>({
  usage: '[options]',
  description:
    "Change the users of a kubeconfig that run 'aws eks get-token' or 'aws-iam-authenticator token' so that they run this " +
    'program, with the same identity. The rest of the file is not changed, and --restore undoes it.',
  optionGroups: ['general'],
  own: () => ({
    contexts: [],
    dryRun: false,
    restore: false,
    absolutePath: false,
    printKuberc: false,
    sharedUser: false,
  }),
  ownOptions: [
    {
      ...option,
      name: 'context',
      value: 'name',
      repeatable: true,
      help: 'only the user of this context; can be repeated',
      set: (own, value) => {
        own.contexts = value.split('\n')
      },
    },
    {
      ...option,
      name: 'kubeconfig',
      value: 'file',
      help: 'kubeconfig to change (default: all files in KUBECONFIG, else ~/.kube/config)',
      ...setsText('kubeconfig'),
    },
    {
      ...option,
      name: 'dry-run',
      help: 'print a unified diff, with … in place of tokens and keys, and write nothing',
      ...setsFlag('dryRun'),
    },
    {
      ...option,
      name: 'restore',
      help: 'undo: the same bytes, or the same commands where the file has changed since',
      ...setsFlag('restore'),
    },
    {
      ...option,
      name: 'shared-user',
      help: `one user for all clusters, ${SHARED_USER}: what depends on the cluster goes into the cluster's entry`,
      ...setsFlag('sharedUser'),
    },
    {
      ...option,
      name: 'absolute-path',
      help: 'write the path of this program, for clients that do not have it in their PATH',
      ...setsFlag('absolutePath'),
    },
    {
      ...option,
      name: 'print-kuberc',
      help: 'print an allowlist with the commands of the kubeconfig that run this program, for ~/.kube/kuberc',
      ...setsFlag('printKuberc'),
    },
  ],
  maxPositionals: 0,
  impliedOptions: ['kubeconfig', 'context'],
  footer: `
Examples:
  # what would change
  eks-get-token convert-kubeconfig --dry-run
  # convert all users of EKS clusters
  eks-get-token convert-kubeconfig
  # undo it
  eks-get-token convert-kubeconfig --restore
`,
  exitCodes: { 255: 'any other error, such as a file that cannot be read or written' },
  run: async ({ own }: ParsedCommand & { own: ConvertOptions }, runtime, terminal) => {
    const program = own.absolutePath ? runtime.processHost.programPath() : 'eks-get-token'
    const files = candidatePaths(own.kubeconfig, runtime).map((path) => readKubeconfigFile(path, true))
    if (own.printKuberc) {
      terminal.out(
        kuberc(
          files.map(({ config }) => config),
          program,
        ),
      )
      return 0
    }
    rejectMissing(files, own)
    for (const file of files) await changeKubeconfig(file, own, program, runtime, terminal)
    return 0
  },
})

/** What the user names must exist. Without --kubeconfig, files of KUBECONFIG may be missing, as for kubectl. */
function rejectMissing(files: readonly KubeconfigFile[], { kubeconfig, contexts }: ConvertOptions): void {
  const missing = kubeconfig !== undefined && files.find(({ bytes }) => bytes === undefined)
  if (missing) {
    throw new EksTokenError('ERR_KUBECONFIG', `there is no kubeconfig ${missing.path}`, {
      remedy: 'correct --kubeconfig',
    })
  }
  const names = files.flatMap(({ config }) =>
    asList(field(config, 'contexts')).map((entry) => textField(entry, 'name')),
  )
  const unknown = contexts.find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new EksTokenError(
    'ERR_KUBECONFIG',
    `there is no context "${redactValue(unknown)}" in ${files.map(({ path }) => path).join(', ')}`,
    {
      remedy: "correct --context; 'kubectl config get-contexts' lists them",
    },
  )
}

interface Plan extends PlannedChange {
  readonly edits: readonly Edit[]
  readonly results: readonly UserResult[]
  /** Users that a shared one has replaced. */
  readonly shared: ReadonlyMap<string, SharedRecord>
  /** True: the bytes before the conversion are restored. */
  readonly isExact: boolean
}

async function changeKubeconfig(
  file: KubeconfigFile,
  own: ConvertOptions,
  program: string,
  runtime: Runtime,
  terminal: Terminal,
): Promise<void> {
  // Another process may add to the history, as it may change the file.
  const { path } = file
  const plan = (current: KubeconfigFile): Plan =>
    own.restore ? planRestore(current, readHistory(path, runtime), own.contexts) : planConversion(current, program, own)
  const planned = plan(file)
  if (planned.file.source.hasMore) terminal.err(`${path}: only the first document is read, as by kubectl\n`)
  const isChanged = planned.text !== planned.file.source.text
  if (own.dryRun) {
    const { text, edits } = maskSecrets(planned.file.source, planned.edits)
    if (isChanged) terminal.out(showMasks(unifiedDiff(path, text, edits)))
    return
  }
  const written = isChanged ? await changeFile(planned, plan, runtime, historyHooks(path, own, runtime)) : planned
  terminal.out(report(path, written, own.restore))
}

function historyHooks(path: string, { restore, contexts }: ConvertOptions, runtime: Runtime): WriteHooks<Plan> {
  if (!restore) {
    const beforeWrite = (change: Plan): void => {
      if (change.edits.length === 0) return
      writeHistory(path, [...readHistory(path, runtime), stepOf(change)], runtime)
    }
    return { beforeWrite }
  }
  return contexts.length > 0 ? {} : { afterWrite: () => writeHistory(path, [], runtime) }
}

function stepOf({ file, edits, results, shared }: Plan): Step {
  const converted = results.filter(({ status }) => status === 'converted')
  return createStep(file.source.text, edits, converted, shared)
}

function planConversion(file: KubeconfigFile, program: string, { contexts, sharedUser }: ConvertOptions): Plan {
  if (file.config === null) return unchanged(file)
  rejectDuplicates(file)
  const conversion = convertUsers(file.config, program, selector(file, contexts))
  if (!sharedUser) return planned(file, conversion)
  const { config, reasons, records } = shareUsers(conversion.config, file.config, contextSelector(contexts))
  const own = conversion.results.map(({ name }) => name)
  const others = [...reasons.keys()].filter((name) => !own.includes(name))
  const results = [
    ...conversion.results,
    ...others.map((name) => ({ name, status: records.has(name) ? 'converted' : 'left', reason: '' }) as const),
  ].map((result) => withSharing(result, reasons))
  return planned(file, { config, results }, records)
}

function withSharing(result: UserResult, reasons: ReadonlyMap<string, string | undefined>): UserResult {
  if (!reasons.has(result.name)) return result
  const why = reasons.get(result.name)
  const note = why === undefined ? `now ${SHARED_USER}` : `not shared: ${why}`
  return { ...result, reason: result.reason ? `${result.reason}; ${note}` : note }
}

function planRestore(file: KubeconfigFile, history: readonly Step[], contexts: readonly string[]): Plan {
  if (file.config === null) return unchanged(file)
  const { text } = file.source
  const shared = new Map(history.flatMap((step) => Object.entries(step.shared ?? {})))
  const unshared = unshareUsers(file.config, shared, contextSelector(contexts))
  const records = history.flatMap(({ users }) => users)
  const conversion = restoreUsers(unshared.config, records, selector(file, contexts))
  const returned = unshared.restored.map(
    (name) => ({ name, status: 'converted', reason: `was ${SHARED_USER}` }) as const,
  )
  const results = [...returned, ...conversion.results]
  const exact = contexts.length === 0 ? undoSteps(text, history) : undefined
  if (exact === undefined) return planned(file, { config: conversion.config, results })
  const edits = history.length === 1 ? (history[0]?.undo ?? []) : [{ from: 0, to: text.length, text: exact }]
  return { file, text: exact, edits, results, shared: new Map(), isExact: true }
}

function unchanged(file: KubeconfigFile): Plan {
  return { file, text: file.source.text, edits: [], results: [], shared: new Map(), isExact: false }
}

function planned(
  file: KubeconfigFile,
  { config, results }: Conversion,
  shared: ReadonlyMap<string, SharedRecord> = new Map(),
): Plan {
  const isChanged = results.some(({ status }) => status === 'converted')
  const edits = isChanged ? sourceEdits(file.source, config) : []
  return { file, text: applyEdits(file.source.text, edits), edits, results, shared, isExact: false }
}

/** Two users of one name, or two lists of users: kubectl rejects the first, and ignores a part of the second. */
function rejectDuplicates({ path, source, config }: KubeconfigFile): void {
  const fail = (what: string): EksTokenError =>
    new EksTokenError('ERR_KUBECONFIG', `${path}: ${what}`, { remedy: 'remove or rename one of them' })
  const names = new Set<string>()
  const name = asList(field(config, 'users'))
    .flatMap((entry) => textField(entry, 'name') ?? [])
    .find((candidate) => names.size === names.add(candidate).size)
  if (name !== undefined) throw fail(`two users have the name "${redactValue(name)}"`)
  const { root, text } = source
  if (root?.kind !== 'map') return
  const second = root.items.filter(({ key }) => key === 'users')[1]
  if (!second) return
  const before = text.slice(0, second.start).split('\n')
  throw fail(`users is there twice: line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`)
}

function contextSelector(contexts: readonly string[]): (context: string) => boolean {
  return (context) => contexts.length === 0 || contexts.includes(context)
}

function selector({ config }: KubeconfigFile, contexts: readonly string[]): (user: string) => boolean {
  if (contexts.length === 0) return () => true
  const users = new Set(
    asList(field(config, 'contexts'))
      .filter((entry) => contexts.includes(textField(entry, 'name') ?? ''))
      .map((entry) => textField(field(entry, 'context'), 'user')),
  )
  return (user) => users.has(user)
}

function report(path: string, { results, isExact }: Plan, isRestore: boolean): string {
  const done = isRestore ? 'restored' : 'converted'
  if (results.length === 0) return `${path}: nothing to ${isRestore ? 'restore' : 'convert'}\n`
  const rows = results.map(({ name, status, reason, before, after }) => {
    const change = before && after ? `${redactValue(before.command)} -> ${redactValue(after.command)}` : ''
    return [
      status === 'converted' ? done : 'left',
      redactValue(name) || '(no name)',
      [change, reason].filter(Boolean).join('; '),
    ]
  })
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map(([status = '', name = '', note = '']) =>
    `  ${status.padEnd(widths[0] ?? 0)}  ${name.padEnd(widths[1] ?? 0)}  ${note}`.trimEnd(),
  )
  return `${path}${isExact ? ' (byte for byte)' : ''}\n${lines.join('\n')}\n`
}
