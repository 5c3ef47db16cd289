import { EksTokenError } from '../../../errors.ts'
import { asList, field, textField } from '../../../json.ts'
import type { FileChange } from '../../../kubernetes/kubeconfig/change-file.ts'
import { sourceEdits } from '../../../kubernetes/kubeconfig/edit.ts'
import type { PlannedChange } from '../../../kubernetes/kubeconfig/find-lost.ts'
import type { KubeconfigFile } from '../../../kubernetes/kubeconfig/target.ts'
import { applyEdits, type Edit } from '../../../kubernetes/kubeconfig/text-edit.ts'
import { redactValue } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { type Conversion, convertUsers, restoreUsers } from './convert.ts'
import type { UserResult } from './convert-exec.ts'
import { createStep, readHistory, type Step, undoSteps, writeHistory } from './history.ts'
import { SHARED_USER, type SharedRecord, shareUsers, unshareUsers } from './share.ts'

/** Which users are changed, and how. */
export interface Selection {
  /** Names of contexts; empty: all users. */
  readonly contexts: readonly string[]
  readonly sharedUser: boolean
}

/** A new text for a kubeconfig, and what becomes of its users. */
export interface ConversionPlan extends PlannedChange {
  readonly edits: readonly Edit[]
  readonly results: readonly UserResult[]
  /** Users that a shared one has replaced. */
  readonly shared: ReadonlyMap<string, SharedRecord>
  /** True: the bytes before the conversion are restored. */
  readonly isExact: boolean
}

/**
 * How the users of a kubeconfig are converted.
 *
 * @param program - the command to write
 */
export function conversion(
  path: string,
  program: string,
  selection: Selection,
  runtime: Runtime,
): FileChange<ConversionPlan> {
  const plan = (file: KubeconfigFile): ConversionPlan => planConversion(file, program, selection)
  const beforeWrite = (change: ConversionPlan): void => {
    if (change.edits.length > 0) writeHistory(path, [...readHistory(path, runtime), stepOf(change)], runtime)
  }
  return { plan, beforeWrite, isKept: (file) => !hasChanges(plan(file)) }
}

/** How the users of a kubeconfig get back what they had before they were converted. */
export function restoration(
  path: string,
  { contexts }: Pick<Selection, 'contexts'>,
  runtime: Runtime,
): FileChange<ConversionPlan> {
  // Another process may add to the history, as it may change the file.
  let history: readonly Step[] = []
  const plan = (file: KubeconfigFile): ConversionPlan => {
    const stored = readHistory(path, runtime)
    // It is removed together with the write, after which the change may have to be made again.
    if (stored.length > 0) history = stored
    return planRestore(file, history, contexts)
  }
  const change = { plan, isKept: (file: KubeconfigFile) => !hasChanges(plan(file)) }
  return contexts.length > 0 ? change : { ...change, afterWrite: () => writeHistory(path, [], runtime) }
}

function hasChanges({ results }: Pick<ConversionPlan, 'results'>): boolean {
  return results.some(({ status }) => status === 'converted')
}

function stepOf({ file, edits, results, shared }: ConversionPlan): Step {
  const converted = results.filter(({ status }) => status === 'converted')
  return createStep(file.source.text, edits, converted, shared)
}

function planConversion(file: KubeconfigFile, program: string, { contexts, sharedUser }: Selection): ConversionPlan {
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
  ].map((result) => withSharing(result, reasons, records))
  return planned(file, { config, results }, records)
}

function withSharing(
  own: UserResult,
  reasons: ReadonlyMap<string, string | undefined>,
  records: ReadonlyMap<string, SharedRecord>,
): UserResult {
  if (!reasons.has(own.name)) return own
  const status = records.has(own.name) ? 'converted' : 'left'
  const result: UserResult = own.status === 'kept' ? { ...own, status, reason: '' } : own
  const why = reasons.get(result.name)
  const note = why === undefined ? `now uses the shared user ${SHARED_USER}` : `does not use the shared user: ${why}`
  return { ...result, reason: result.reason ? `${result.reason}; ${note}` : note }
}

function planRestore(file: KubeconfigFile, history: readonly Step[], contexts: readonly string[]): ConversionPlan {
  if (file.config === null) return unchanged(file)
  const { text } = file.source
  const shared = new Map(history.flatMap((step) => Object.entries(step.shared ?? {})))
  const unshared = unshareUsers(file.config, shared, contextSelector(contexts))
  const records = history.flatMap(({ users }) => users)
  const conversion = restoreUsers(unshared.config, records, selector(file, contexts))
  const returned = unshared.restored.map(
    (name) => ({ name, status: 'converted', reason: `used the shared user ${SHARED_USER}` }) as const,
  )
  const results = [...returned, ...conversion.results]
  const exact = contexts.length === 0 ? undoSteps(text, history) : undefined
  if (exact === undefined) return planned(file, { config: conversion.config, results })
  const edits = history.length === 1 ? (history[0]?.undo ?? []) : [{ from: 0, to: text.length, text: exact }]
  return { file, text: exact, edits, results, shared: new Map(), isExact: true }
}

function unchanged(file: KubeconfigFile): ConversionPlan {
  return { file, text: file.source.text, edits: [], results: [], shared: new Map(), isExact: false }
}

function planned(
  file: KubeconfigFile,
  { config, results }: Conversion,
  shared: ReadonlyMap<string, SharedRecord> = new Map(),
): ConversionPlan {
  const edits = hasChanges({ results }) ? sourceEdits(file.source, config) : []
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
  throw fail(`duplicate key users: line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`)
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
