import { eksEndpoint } from '../../../aws/endpoints.ts'
import type { Settings } from '../../../config/settings.ts'
import { type ResolvedCredentials, resolveCredentials } from '../../../create-token.ts'
import { EksTokenError } from '../../../errors.ts'
import { type ClusterDescription, describeCluster } from '../../../kubernetes/describe-cluster.ts'
import { DEFAULT_TIMEOUT_SECONDS, type Deadline, startDeadline } from '../../../net/deadline.ts'
import type { Runtime } from '../../../runtime.ts'
import type { CliOptions } from '../../args/options.ts'
import type { Terminal } from '../../terminal.ts'
import { tokenOptions } from '../../token-options.ts'
import type { UpdateOptions } from './options.ts'

export interface Described {
  readonly cluster: ClusterDescription
  readonly settings: Settings
  /** The request was signed with credentials of environment variables. */
  readonly usesEnvironmentKeys: boolean
}

/**
 * Describes the cluster with the credentials that get-token would use, or with the role of `--assume-role-arn`.
 *
 * @param values - the global options, of which `--endpoint-url` and `--ca-bundle` hold for this call
 * @throws EksTokenError of resolveCredentials and describeCluster; `ERR_NO_REGION`
 */
export async function describe(
  { name, assumeRoleArn }: UpdateOptions,
  global: CliOptions,
  values: ReadonlyMap<string, string | true>,
  runtime: Runtime,
  terminal: Terminal,
): Promise<Described> {
  const options = tokenOptions(global, runtime, terminal)
  const deadline = startDeadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, runtime.now)
  try {
    const resolved = await resolveCredentials(options, runtime, deadline)
    const credentials = assumeRoleArn
      ? await assumeDescribeRole(assumeRoleArn, resolved, runtime, deadline)
      : resolved.credentials
    const settings = withCaBundle(resolved.settings, textOf(values.get('ca-bundle')))
    const cluster = await deadline.waitFor(
      'DescribeCluster',
      describeCluster({
        name,
        endpoint: endpointOf(settings, textOf(values.get('endpoint-url'))),
        credentials,
        settings,
        runtime,
      }),
    )
    return { cluster, settings, usesEnvironmentKeys: resolved.plan.kind === 'environment' && !assumeRoleArn }
  } finally {
    deadline.clear()
  }
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
  return eksEndpoint(region.value, url === undefined ? endpoints : { ...endpoints, customUrl: () => url })
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
    sessionName: 'EKSDescribeClusterSession',
    externalId: undefined,
    durationSeconds: undefined,
    mfaSerial: undefined,
    source: plan,
  } as const
  const context = {
    settings,
    runtime,
    signRequests: credentials !== undefined,
    useCache: false,
    mfaCodeProvider: () => Promise.reject(new Error('no MFA device is set')),
    ...deadline,
  }
  return deadline.waitFor('AssumeRole', assumeRole(role, credentials, undefined, context))
}
