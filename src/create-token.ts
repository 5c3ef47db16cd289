import { signingTarget } from './aws/endpoints.ts'
import { readSharedFiles, type SharedFiles } from './config/profiles.ts'
import { chooseProfile } from './config/selected-profile.ts'
import { computeSettings, type SettingOptions, type Settings, type Sourced } from './config/settings.ts'
import { createLoadContext, type LoadOptions } from './credentials/context.ts'
import type { Credentials } from './credentials/credentials.ts'
import { loadCredentials } from './credentials/load.ts'
import { makePlan, type RoleOptions, validateRoleArn, validateRoleOptions } from './credentials/plan/index.ts'
import type { Plan } from './credentials/sources/registry.ts'
import { EksTokenError, isEksTokenError } from './errors.ts'
import {
  DEFAULT_TIMEOUT_SECONDS,
  type Deadline,
  remainingSeconds,
  startDeadline,
  type WaitObserver,
} from './net/deadline.ts'
import { redactKeyId, redactUrl, redactValue } from './redact.ts'
import { processRuntime, type Runtime } from './runtime.ts'
import { withNativeSeparators } from './shown-path.ts'
import { presignUrl, unsignedUrl } from './token/sign.ts'
import { encodeToken, tokenExpiration } from './token/token.ts'

/** Options for resolving and loading credentials. */
export interface CredentialOptions extends SettingOptions, RoleOptions, LoadOptions {
  /** Limit for the whole run, in seconds; 0: no limit. Default 60. */
  readonly timeoutSeconds?: number | undefined
  /** Is notified of what the run waits for. Default: none. */
  readonly waitObserver?: WaitObserver | undefined
}

/** One of `clusterName` and `clusterId` is required. */
export interface TokenOptions extends CredentialOptions {
  readonly clusterName?: string | undefined
  /** Id of a local cluster on AWS Outposts, instead of the name. */
  readonly clusterId?: string | undefined
}

export interface Token {
  /** The bearer token: `k8s-aws-v1.` and a presigned URL in base64url. */
  readonly token: string
  /** 14 minutes from now, or the expiration of the credentials if that is earlier. */
  readonly expiresAt: Date
  /** Expiration of the credentials that signed; undefined: they do not expire, or the token is unsigned. */
  readonly credentialsExpireAt: Date | undefined
  /** The access key id of the credentials that signed; undefined for an unsigned token. */
  readonly accessKeyId: string | undefined
  /** Size of the session token in bytes; API servers reject a token with a long one. */
  readonly sessionTokenBytes: number
  /** The credential source, and why it was chosen. */
  readonly plan: Plan
  /** The region of the settings; undefined: none is configured, and the global STS endpoint is used. */
  readonly region: Sourced | undefined
  /** Host name and port of the STS endpoint in the token. */
  readonly stsHost: string
  /** The output format of the environment or the profile. */
  readonly output: Sourced | undefined
}

/**
 * Creates a token for an EKS cluster, signed with the credentials that the AWS CLI would use. Uses the network only where the
 * credential source requires it. Prints nothing and never exits the process.
 *
 * @param runtime - environment, files, clock and process; default: those of this process
 * @param deadline - of a caller that does more within the time limit; default: `timeoutSeconds` from now
 * @throws EksTokenError with one of the codes `ERR_USAGE`, `ERR_PARAMETER`, `ERR_PROFILE`, `ERR_CONFIG_FILE`,
 *   `ERR_SETTING`, `ERR_REGION`, `ERR_ENDPOINT`, `ERR_NO_REGION`, `ERR_NO_CREDENTIALS`, `ERR_CREDENTIALS`,
 *   `ERR_SERVICE`, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_OPEN_FILES`
 */
export async function createToken(
  options: TokenOptions,
  runtime: Runtime = processRuntime(),
  deadline?: Deadline,
): Promise<Token> {
  const clusterId = validateCluster(options)
  const { settings, plan, credentials } = await resolveCredentials(options, runtime, deadline)
  const now = runtime.now()
  const url = credentials
    ? presignUrl({ target: signingTarget(settings.sts), clusterId, credentials, now })
    : unsignedUrl(settings.sts.parts)
  if (credentials) traceSigner(credentials, runtime)
  return {
    token: encodeToken(url),
    expiresAt: tokenExpiration(now, credentials?.expiration),
    credentialsExpireAt: credentials?.expiration,
    accessKeyId: credentials?.accessKeyId,
    sessionTokenBytes: Buffer.byteLength(credentials?.sessionToken ?? ''),
    plan,
    region: settings.region,
    stsHost: settings.sts.parts.authority,
    output: settings.output,
  }
}

export interface ResolvedCredentials {
  readonly settings: Settings
  readonly plan: Plan
  /** undefined with `signRequest: false`. */
  readonly credentials: Credentials | undefined
}

/**
 * The credentials that a token for the same options would be signed with, their settings and their plan.
 *
 * @param callerDeadline - as for {@link createToken}
 * @throws EksTokenError as {@link createToken}
 */
export async function resolveCredentials(
  options: CredentialOptions,
  runtime: Runtime,
  callerDeadline?: Deadline,
): Promise<ResolvedCredentials> {
  await validateRoleOptions(options)
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options
  const snapshot = withFileSnapshot(runtime, timeoutSeconds)
  const deadline = callerDeadline ?? startDeadline(timeoutSeconds, runtime.now, options.waitObserver)
  try {
    const settings = await resolveSettings(options, snapshot, deadline)
    traceSettings(settings, runtime)
    await validateRoleArn(options.roleArn, settings)
    const plan = await explained(() => makePlan(settings, options, snapshot), settings.files, snapshot)
    tracePlan(plan, runtime)
    const context = createLoadContext(options, settings, snapshot, deadline)
    const { signRequests } = context
    // An unsigned token needs no credentials, but the AWS CLI assumes the role of --role-arn nevertheless.
    const needsCredentials = signRequests || options.roleArn !== undefined
    const credentials = needsCredentials
      ? await explained(() => loadCredentials(plan, context), settings.files, snapshot)
      : undefined
    return { settings, plan, credentials: signRequests ? credentials : undefined }
  } finally {
    if (!callerDeadline) deadline.clear()
  }
}

/**
 * The settings that a token for the same options would be created with. If no region is configured, it is requested from
 * instance metadata, as the AWS CLI does.
 *
 * @param deadline - for the request to instance metadata; default: 60 seconds
 * @throws EksTokenError `ERR_PROFILE`, `ERR_CONFIG_FILE`, `ERR_SETTING`, `ERR_REGION`, `ERR_ENDPOINT`, `ERR_TIMEOUT`
 */
export async function resolveSettings(
  options: SettingOptions,
  runtime: Runtime,
  deadline?: Pick<Deadline, 'waitFor'>,
): Promise<Settings> {
  // The decisions that an error of the settings may depend on.
  const profile = chooseProfile(options, runtime.env)
  runtime.trace?.(`profile: ${redactValue(profile.name)} (${profile.source})`)
  const files = readSharedFiles(runtime)
  runtime.trace?.(`files: ${[files.configPath, files.credentialsPath].map(withNativeSeparators).join(', ')}`)
  const settings = await explained(() => computeSettings(options, runtime.env, files), files, runtime)
  if (settings.region || settings.instanceMetadata.disabled) return settings
  const { instanceRegion } = await import('./credentials/sources/instance-metadata.ts')
  const ownDeadline = deadline ? undefined : startDeadline(DEFAULT_TIMEOUT_SECONDS, runtime.now)
  const { waitFor } = deadline ?? (ownDeadline as Deadline)
  const request = instanceRegion(settings.instanceMetadata, runtime)
  // The timer of a deadline would keep the process of a library's user alive.
  const region = await waitFor('the region from instance metadata', request).finally(() => ownDeadline?.clear())
  return region ? computeSettings({ ...options, instanceRegion: region }, runtime.env, files) : settings
}

/**
 * The result of a function. If it fails because a name in a setting does not exist, the reason for that is added
 * to its error: finding it takes code and file reads that other runs do not need.
 */
export async function explained<T>(run: () => T | Promise<T>, files: SharedFiles, runtime: Runtime): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isEksTokenError(error) || !error.missing) throw error
    const { explainMissingName } = await import('./credentials/explain/missing-name.ts')
    throw explainMissingName(error, error.missing, files, runtime)
  }
}

/**
 * Reads each file once in a run, so that the plan and the credentials are derived from the same text.
 *
 * @param timeoutSeconds - limit for the whole run, and so for all pipes together; 0: no limit
 */
function withFileSnapshot(runtime: Runtime, timeoutSeconds: number): Runtime {
  const texts = new Map<string, string | undefined>()
  const secondsLeft = remainingSeconds(timeoutSeconds, runtime.now)
  const readText = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, runtime.readText(path, secondsLeft()))
    return texts.get(path)
  }
  return { ...runtime, readText }
}

/** Checks the options before any request. @returns the value of the header x-k8s-aws-id */
function validateCluster({ clusterName, clusterId }: TokenOptions): string {
  if (clusterName !== undefined && clusterId !== undefined) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      'The key "cluster_id" cannot be specified when one of the following keys are also specified: cluster_name',
      { remedy: 'use either --cluster-name or --cluster-id' },
    )
  }
  const id = clusterId || clusterName
  if (id) return id
  throw new EksTokenError('ERR_USAGE', 'Either parameter --cluster-name or --cluster-id must be specified.', {
    remedy: 'pass --cluster-name NAME',
  })
}

function traceSigner({ accessKeyId, expiration, sessionToken }: Credentials, { trace }: Runtime): void {
  const validity = () =>
    expiration ? `expires ${expiration.toISOString()}` : sessionToken ? 'expiration unknown' : 'no expiration'
  trace?.(`signed with access key ${redactKeyId(accessKeyId)} (${validity()})`)
}

function traceSettings({ region, sts }: Settings, { trace }: Runtime): void {
  trace?.(`region: ${region ? `${redactValue(region.value)} (${region.source})` : 'none'}`)
  trace?.(`STS: ${redactUrl(sts.url)}, signing region ${sts.signingRegion ?? 'none'}`)
}

function tracePlan(plan: Plan, runtime: Runtime): void {
  runtime.trace?.(`credentials: ${plan.kind}, because ${plan.why}`)
  if (plan.kind === 'assume-role') tracePlan(plan.source, runtime)
}
