import { asList, field, findNamed, textField, type Values } from '../../../json.ts'
import { clusterInfoOf } from '../../../kubernetes/kubeconfig/cluster-info.ts'
import { isSharedUser } from '../../../kubernetes/kubeconfig/exec-block.ts'
import { convertExec, type ExecCommand, programName, type UserResult } from './convert-exec.ts'
import { createArgumentsParser } from './exec-arguments.ts'

export interface Conversion {
  readonly config: Values
  readonly results: readonly UserResult[]
}

/**
 * Changes the exec blocks that run `aws eks get-token` or `aws-iam-authenticator token` so that they run this program, with
 * the same identity. The rest of a block stays.
 *
 * @param program - the command to write
 * @param isSelected - whether a user is to be converted
 */
export function convertUsers(config: Values, program: string, isSelected: (user: string) => boolean): Conversion {
  const parseArguments = createArgumentsParser()
  const results: UserResult[] = []
  const users = asList(config.users).map((entry) => {
    const name = textField(entry, 'name') ?? ''
    const exec = field(field(entry, 'user'), 'exec')
    const command = textField(exec, 'command')
    if (command === undefined || !isSelected(name)) return entry
    const before = { command, apiVersion: field(exec, 'apiVersion'), args: asList(field(exec, 'args')).map(String) }
    const isShared = isSharedUser(exec) && clustersOf(config, name).every(hasName)
    const outcome = convertExec(before, program, asList(field(exec, 'env')), parseArguments, isShared)
    if (!outcome) {
      results.push({ name, status: 'kept', reason: 'already runs this program' })
      return entry
    }
    results.push({ name, ...outcome, ...(outcome.after ? { before } : {}) })
    return outcome.after ? withExec(entry as Values, outcome.after) : entry
  })
  return { config: { ...config, users }, results }
}

/** The clusters of the contexts of a user. */
function clustersOf(config: Values, user: string): unknown[] {
  const contexts = asList(config.contexts).map((entry) => field(entry, 'context'))
  const names = contexts.filter((context) => textField(context, 'user') === user).map((c) => textField(c, 'cluster'))
  return names.map((name) => field(findNamed(asList(config.clusters), name ?? ''), 'cluster'))
}

/** Whether the extension of a cluster has its name. */
function hasName(cluster: unknown): boolean {
  const info = clusterInfoOf(cluster)
  return Boolean(textField(info, 'clusterName') || textField(info, 'clusterId'))
}

/** The entry with other values in its exec block; a value that is equal stays the same object. */
function withExec(entry: Values, { command, args, apiVersion }: ExecCommand): Values {
  const user = entry.user as Values
  const exec = user.exec as Values
  const before = asList(exec.args)
  const isSame = before.length === args.length && args.every((word, index) => word === String(before[index]))
  const changes = { command, ...(isSame ? {} : { args }), ...(apiVersion === undefined ? {} : { apiVersion }) }
  return { ...entry, user: { ...user, exec: { ...exec, ...changes } } }
}

/**
 * Gives users back what they had before they were converted.
 *
 * @param records - of earlier conversions, the latest last
 */
export function restoreUsers(
  config: Values,
  records: readonly UserResult[],
  isSelected: (user: string) => boolean,
): Conversion {
  const results: UserResult[] = []
  const latest = new Map(records.map((record) => [keyOf(record.name, record.after?.args), record]))
  const users = asList(config.users).map((entry) => {
    const name = textField(entry, 'name') ?? ''
    const exec = field(field(entry, 'user'), 'exec')
    const command = textField(exec, 'command')
    if (command === undefined || programName(command) !== 'eks-get-token' || !isSelected(name)) return entry
    const args = asList(field(exec, 'args')).map(String)
    const record = latest.get(keyOf(name, args))
    if (!record?.before) {
      results.push({ name, status: 'left', reason: 'it was not converted by this program, or has been changed since' })
      return entry
    }
    results.push({
      name,
      status: 'converted',
      reason: '',
      before: { command, args, apiVersion: undefined },
      after: record.before,
    })
    return withExec(entry as Values, record.before)
  })
  return { config: { ...config, users }, results }
}

function keyOf(name: string, args: readonly string[] | undefined): string {
  return JSON.stringify([name, args])
}
