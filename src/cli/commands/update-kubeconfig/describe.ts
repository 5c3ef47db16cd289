import { regionalEndpoint } from '../../../aws/endpoints.ts'
import type { Settings } from '../../../config/settings.ts'
import { type ResolvedCredentials, resolveCredentials } from '../../../create-token.ts'
import { createLoadContext } from '../../../credentials/context.ts'
import { EksTokenError, isEksTokenError } from '../../../errors.ts'
import type { ClusterDescription, EksContext } from '../../../kubernetes/describe-cluster.ts'
import { DEFAULT_TIMEOUT_SECONDS, type Deadline, startDeadline } from '../../../net/deadline.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import type { CliOptions } from '../../args/option.ts'
import { parseClusterArn } from '../../cluster-arn.ts'
import type { Terminal } from '../../terminal.ts'
import { tokenOptions } from '../../token-options.ts'
import { createWaitingLine } from '../../waiting-line.ts'
import type { UpdateOptions } from './options.ts'

type LineFor = (name: string, region: string) => string

export interface Described {
  readonly clusters: readonly DescribedCluster[]
  readonly settings: Settings
  /** The request was signed with credentials of environment variables. */
  readonly usesEnvironmentKeys: boolean
}

export interface DescribedCluster {
  readonly name: string
  readonly description: ClusterDescription
}

/**
 * Describes the cluster, or all of the account and the region, with the credentials that get-token would use, or with the role of `--assume-role-arn`.
 *
 * @param values - the global options, of which `--endpoint-url` and `--ca-bundle` hold for this call
 * @param lineFor - the command line with the name and the region of another cluster
 * @throws EksTokenError of resolveCredentials and describeCluster; `ERR_NO_REGION`
 */
export async function describe(
  { name, all, assumeRoleArn }: UpdateOptions,
  global: CliOptions,
  values: ReadonlyMap<string, string | true>,
  lineFor: LineFor,
  runtime: Runtime,
  terminal: Terminal,
): Promise<Described> {
  const options = tokenOptions(global, runtime, terminal)
  const waitingLine = global.debug ? undefined : createWaitingLine(terminal, runtime.processHost)
  const deadline = startDeadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, runtime.now, waitingLine)
  try {
    const resolved = await resolveCredentials(options, runtime, deadline)
    const credentials = assumeRoleArn
      ? await assumeDescribeRole(assumeRoleArn, resolved, runtime, deadline)
      : resolved.credentials
    const settings = withCaBundle(resolved.settings, textOf(values.get('ca-bundle')))
    const endpoint = endpointOf(settings, textOf(values.get('endpoint-url')))
    const context = { endpoint, credentials, settings, runtime }
    const account = () => accountOf(assumeRoleArn, resolved, runtime)
    const clusters = all
      ? await deadline.waitFor(
          'all clusters',
          describeAll(context, terminal, () => waitingLine?.close()),
        )
      : [
          {
            name,
            description: await deadline.waitFor(
              'DescribeCluster',
              describeOne(name, context, lineFor, terminal.stderr().isTerminal ? account : undefined),
            ),
          },
        ]
    return { clusters, settings, usesEnvironmentKeys: resolved.plan.kind === 'environment' && !assumeRoleArn }
  } finally {
    waitingLine?.close()
    deadline.clear()
  }
}

/**
 * Where the cluster does not exist, the hint says in which region and account. For that further requests are sent only
 * where a user waits: scripts get those of the AWS CLI.
 *
 * @param account - undefined: no further request
 * @throws EksTokenError of describeCluster
 */
async function describeOne(
  name: string,
  context: EksContext,
  lineFor: LineFor,
  account: (() => Promise<string | undefined>) | undefined,
): Promise<ClusterDescription> {
  const { describeCluster } = await import('../../../kubernetes/describe-cluster.ts')
  try {
    return await describeCluster(name, context)
  } catch (error) {
    if (isArnRejection(name, error)) throw useName(name, error)
    const { explainNotFound, isClusterNotFound, locateNotFound } = await import(
      '../../../kubernetes/cluster-not-found.ts'
    )
    if (!isClusterNotFound(error)) throw error
    if (!account) throw locateNotFound(error, context.settings)
    throw await explainNotFound(error, name, await account(), lineFor, context)
  }
}

/** EKS knows clusters by their names only. */
function isArnRejection(name: string, error: unknown): error is EksTokenError {
  return name.trim().startsWith('arn:') && isEksTokenError(error) && error.code === 'ERR_SERVICE'
}

/** The same error with the name in place of the ARN as its hint. */
function useName(arn: string, error: EksTokenError): EksTokenError {
  const parts = parseClusterArn(arn)
  const remedy = parts ? `use --name ${parts.name} --region ${parts.region}` : 'use the name of the cluster'
  return new EksTokenError(error.code, error.message, { cause: error, remedy: `--name is an ARN: ${remedy}` })
}

/** The account of the credentials that made the call; undefined if STS does not say. */
async function accountOf(
  assumeRoleArn: string | undefined,
  { credentials, plan, settings }: ResolvedCredentials,
  runtime: Runtime,
): Promise<string | undefined> {
  if (assumeRoleArn !== undefined) return assumeRoleArn.split(':')[4]
  if (credentials === undefined) return undefined
  const { callerIdentity } = await import('../../../token/verify/caller-identity.ts')
  const result = await callerIdentity(credentials, plan, { settings, runtime }).catch(() => undefined)
  return result?.verdict?.identity?.account
}

/** Requests at the same time; EKS allows more in a second than this. */
const PARALLEL = 8

/** A cluster that cannot be used now is skipped, with a line on stderr. */
async function describeAll(
  context: EksContext,
  terminal: Terminal,
  onProgress: () => void,
): Promise<DescribedCluster[]> {
  const { describeCluster, listClusters } = await import('../../../kubernetes/describe-cluster.ts')
  const names = await listClusters(context)
  onProgress()
  const clusters: (DescribedCluster | undefined)[] = []
  let done = 0
  const next = names.entries()
  const work = async (): Promise<void> => {
    for (const [index, name] of next) {
      try {
        clusters[index] = { name, description: await describeCluster(name, context) }
      } catch (error) {
        if (!isEksTokenError(error) || error.code !== 'ERR_CLUSTER') throw error
        terminal.err(`${sanitizeLine(`skipped ${redactValue(name)}: ${error.message}`)}\n`)
      }
      done++
      if (terminal.stderr().isTerminal)
        terminal.err(`\r${done}/${names.length} clusters${done === names.length ? '\n' : ''}`)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return clusters.filter((cluster) => cluster !== undefined)
}

function textOf(value: string | true | undefined): string | undefined {
  return value === true ? undefined : value
}

function withCaBundle(settings: Settings, path: string | undefined): Settings {
  if (path === undefined) return settings
  return { ...settings, network: { ...settings.network, caBundle: { value: path, source: '--ca-bundle' } } }
}

function endpointOf({ region, endpoints }: Settings, url: string | undefined): { region: string; url: string } {
  if (region === undefined) {
    throw new EksTokenError(
      'ERR_NO_REGION',
      'You must specify a region. You can also configure your region by running "aws configure".',
    )
  }
  const settings = url === undefined ? endpoints : { ...endpoints, customUrl: () => url }
  return regionalEndpoint('eks', region.value, settings, region.source)
}

/** The role is assumed for this call only, and never cached. */
async function assumeDescribeRole(
  roleArn: string,
  { settings, plan, credentials }: ResolvedCredentials,
  runtime: Runtime,
  deadline: Deadline,
) {
  const { assumeRole } = await import('../../../credentials/sources/sts.ts')
  const role = {
    kind: 'assume-role',
    why: '--assume-role-arn',
    profile: undefined,
    roleArn,
    option: '--assume-role-arn',
    sessionName: 'EKSDescribeClusterSession',
    externalId: undefined,
    durationSeconds: undefined,
    mfaSerial: undefined,
    source: plan,
  } as const
  const options = { signRequest: credentials !== undefined, useCache: false }
  const context = createLoadContext(options, settings, runtime, deadline)
  return deadline.waitFor('AssumeRole', assumeRole(role, credentials, undefined, context))
}
