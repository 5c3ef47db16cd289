import { isEksTokenError } from '../../../errors.ts'
import { asList, findNamed, textField, type Values } from '../../../json.ts'
import type { ClusterArguments } from '../../../kubernetes/exec-cluster.ts'
import type { ParseArguments } from './exec-arguments.ts'

/** What an exec block says about the cluster, and the rest of it; or the reason why it cannot be shared. */
export function splitExec(
  exec: Values,
  parseArguments: ParseArguments,
): { readonly info: ClusterArguments; readonly exec: Values } | string {
  const values = argumentsOf(exec, parseArguments)
  if (typeof values === 'string') return values
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const other = [...values.keys()].find((name) => !SHAREABLE.includes(name))
  if (other !== undefined) return `--${other} cannot be set in a cluster entry`
  if (values.has('output') && text('output') !== 'json') return 'it has a different output format'
  const env = asList(exec.env)
  const variable = (name: string): string | undefined => textField(findNamed(env, name), 'value') || undefined
  const info = {
    clusterName: text('cluster-name'),
    clusterId: text('cluster-id'),
    region: text('region') ?? variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION'),
    roleArn: text('role-arn'),
    profile: text('profile') ?? variable('AWS_PROFILE'),
  }
  if (!info.clusterName && !info.clusterId) return 'no cluster is specified'
  const rest = env.filter((item) => !MOVED_VARIABLES.includes(textField(item, 'name') ?? ''))
  const { env: _env, ...block } = exec
  const shared = { ...block, args: ['eks', 'get-token', '--output', 'json'], provideClusterInfo: true }
  return { info, exec: rest.length === 0 ? shared : { ...shared, env: rest } }
}

const SHAREABLE = ['cluster-name', 'cluster-id', 'region', 'role-arn', 'profile', 'output']
const MOVED_VARIABLES = ['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION']

function argumentsOf(exec: Values, parseArguments: ParseArguments): ReadonlyMap<string, string | true> | string {
  try {
    return parseArguments(asList(exec.args).map(String)).values
  } catch (error) {
    if (!isEksTokenError(error)) throw error
    return 'get-token does not accept its arguments'
  }
}
