import { homedir } from 'node:os'
import type { Credentials } from './credentials/credentials.ts'
import { DEFAULT_TIMEOUT_SECONDS, type Deadline, startDeadline } from './credentials/deadline.ts'
import { loadCredentials } from './credentials/load.ts'
import { makePlan, type Plan } from './credentials/plan.ts'
import { EksTokenError } from './errors.ts'
import { type Host, readText } from './host.ts'
import { readSharedFiles } from './settings/profiles.ts'
import { decideSettings, type Found, type SettingOptions, type Settings } from './settings/settings.ts'
import { shownUrl } from './settings/shown-url.ts'
import { presignUrl, requestUrl } from './token/sign.ts'
import { encodeToken, tokenExpiration } from './token/token.ts'

export type { Plan } from './credentials/plan.ts'
export { EksTokenError, type ErrorCode, isEksTokenError } from './errors.ts'
export type { Host } from './host.ts'
export { type ExecCredential, toExecCredential } from './kubernetes/exec-credential.ts'
export type { Found } from './settings/settings.ts'

/** One of `clusterName` and `clusterId` must be given. */
export interface TokenOptions extends SettingOptions {
  readonly clusterName?: string | undefined
  /** Of a local cluster on AWS Outposts, in place of the name. */
  readonly clusterId?: string | undefined
  /** A role to assume first, with the credentials that are found. */
  readonly roleArn?: string | undefined
  /** Longest that all waiting together may take; 0: no limit. Default 60. */
  readonly timeoutSeconds?: number | undefined
  /** False makes the useless token of `--no-sign-request`. Default true. */
  readonly signRequest?: boolean | undefined
}

export interface Token {
  readonly token: string
  /** 14 minutes from now, or when the credentials expire if that is earlier. */
  readonly expiresAt: Date
  /** Whose key signed; undefined for an unsigned token. */
  readonly accessKeyId: string | undefined
  /** Bytes of the session token within; a long one makes a token that servers refuse. */
  readonly sessionTokenBytes: number
  /** Which source signed, and why. */
  readonly plan: Plan
  /** The output format that environment or profile name; of use to a command. */
  readonly output: Found | undefined
}

/**
 * Makes a token for an EKS cluster, signed as the identity that the AWS CLI would sign as. Asks the network only
 * where the credentials have to come from there. Prints nothing, never exits.
 *
 * @param host - environment, files and clock; default: those of this process
 * @throws EksTokenError, see its code: `ERR_USAGE`, `ERR_PARAMETER`, `ERR_PROFILE`, `ERR_CONFIG_FILE`,
 *   `ERR_SETTING`, `ERR_REGION`, `ERR_ENDPOINT`, `ERR_NO_REGION`, `ERR_NO_CREDENTIALS`, `ERR_CREDENTIALS`,
 *   `ERR_SERVICE`, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_NOT_SUPPORTED`
 */
export async function createToken(options: TokenOptions, host: Host = hostEnvironment()): Promise<Token> {
  const clusterId = checkOptions(options)
  const deadline = startDeadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS)
  try {
    const settings = await settle(options, host, deadline)
    traceSettings(settings, host)
    checkRole(options.roleArn, settings)
    const plan = makePlan(settings, options.roleArn, host)
    tracePlan(plan, host)
    const signRequests = options.signRequest ?? true
    const context = { settings, system: host, now: host.now, trace: host.trace, signRequests, ...deadline }
    // Without a signature nobody needs credentials; the AWS CLI assumes the role of --role-arn all the same.
    const needed = signRequests || options.roleArn !== undefined
    const credentials = needed ? await loadCredentials(plan, context) : undefined
    return await sign(clusterId, plan, settings, signRequests ? credentials : undefined, host)
  } finally {
    deadline.clear()
  }
}

async function sign(
  clusterId: string,
  plan: Plan,
  settings: Settings,
  signer: Credentials | undefined,
  host: Host,
): Promise<Token> {
  const now = host.now()
  const url = signer
    ? await presignUrl({ endpoint: settings.sts, clusterId, credentials: signer, now })
    : requestUrl(settings.sts)
  if (signer) host.trace(`signed by ${signer.accessKeyId}, expires ${signer.expiration?.toISOString() ?? 'never'}`)
  return {
    token: encodeToken(url),
    expiresAt: tokenExpiration(now, signer?.expiration),
    accessKeyId: signer?.accessKeyId,
    sessionTokenBytes: Buffer.byteLength(signer?.sessionToken ?? ''),
    plan,
    output: settings.output,
  }
}

/** The settings; where nothing names a region, the instance is asked for its own, as the AWS CLI does. */
async function settle(options: TokenOptions, host: Host, { waitFor }: Deadline): Promise<Settings> {
  const files = readSharedFiles(host)
  const settings = decideSettings(options, host.env, files)
  if (settings.region || settings.instanceMetadata.disabled) return settings
  const { instanceRegion } = await import('./credentials/sources/instance-metadata.ts')
  const asked = instanceRegion(settings.instanceMetadata, host.env)
  const region = await waitFor('the region of instance metadata', asked)
  return region ? decideSettings({ ...options, instanceRegion: region }, host.env, files) : settings
}

/** The machine as this process sees it: the one place of the library that reads `process`. */
export function hostEnvironment(): Host {
  return {
    env: process.env,
    homeDirectory,
    userId: process.getuid?.(),
    readText,
    now: () => new Date(),
    trace: () => {},
  }
}

/** A user id that no file of the system names has no home: containers are given such ids. */
function homeDirectory(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/** Checked before any work: a slip of the hand costs no call. @returns what x-k8s-aws-id will say */
function checkOptions({ clusterName, clusterId }: TokenOptions): string {
  if (clusterName !== undefined && clusterId !== undefined) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      'The key "cluster_id" cannot be specified when one of the following keys are also specified: cluster_name',
      { remedy: 'give --cluster-name or --cluster-id, not both' },
    )
  }
  const id = clusterId || clusterName
  if (!id) {
    throw new EksTokenError('ERR_USAGE', 'Either parameter --cluster-name or --cluster-id must be specified.')
  }
  return id
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_RequestParameters */
const MIN_ROLE_ARN_LENGTH = 20

/** Refused before credentials are looked for, unless the profile switches such checks off. */
function checkRole(roleArn: string | undefined, { parameterValidation }: Settings): void {
  const length = [...(roleArn ?? '')].length
  if (roleArn === undefined || !parameterValidation || length >= MIN_ROLE_ARN_LENGTH) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Invalid length for parameter RoleArn, value: ${length}, valid min length: ${MIN_ROLE_ARN_LENGTH}`,
    { remedy: 'a role looks like arn:aws:iam::111122223333:role/name' },
  )
}

function traceSettings({ profile, region, sts }: Settings, host: Host): void {
  host.trace(`profile: ${profile.name} (${profile.chosenBy})`)
  host.trace(`region: ${region ? `${region.value} (${region.from})` : 'none'}`)
  host.trace(`STS: ${shownUrl(sts.url)}, signing region ${sts.signingRegion ?? 'none'}`)
}

function tracePlan(plan: Plan, host: Host): void {
  host.trace(`credentials: ${plan.kind}, because ${plan.why}`)
  if (plan.kind === 'assume-role') tracePlan(plan.source, host)
}
