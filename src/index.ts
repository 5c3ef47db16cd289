import { homedir } from 'node:os'
import type { CodeRequest } from './credentials/code-request.ts'
import type { Credentials } from './credentials/credentials.ts'
import { DEFAULT_TIMEOUT_SECONDS, type Deadline, startDeadline } from './credentials/deadline.ts'
import { loadCredentials } from './credentials/load.ts'
import { makePlan, type Plan, type RoleOptions } from './credentials/plan.ts'
import { EksTokenError } from './errors.ts'
import { type Host, hasTerminal, machineName, readText } from './host.ts'
import { readSharedFiles } from './settings/profiles.ts'
import { decideSettings, type Found, type SettingOptions, type Settings } from './settings/settings.ts'
import { shownUrl } from './settings/shown-url.ts'
import { presignUrl, requestUrl } from './token/sign.ts'
import { encodeToken, tokenExpiration } from './token/token.ts'

export type { CodeRequest } from './credentials/code-request.ts'
export type { Machine } from './credentials/machine.ts'
export type { Plan } from './credentials/plan.ts'
export { EksTokenError, type ErrorCode, isEksTokenError } from './errors.ts'
export type { Host } from './host.ts'
export { type ExecCredential, toExecCredential } from './kubernetes/exec-credential.ts'
export type { Found } from './settings/settings.ts'

/** One of `clusterName` and `clusterId` must be given. */
export interface TokenOptions extends SettingOptions, RoleOptions {
  readonly clusterName?: string | undefined
  /** Of a local cluster on AWS Outposts, in place of the name. */
  readonly clusterId?: string | undefined
  /** Longest that all waiting together may take; 0: no limit. Default 60. */
  readonly timeoutSeconds?: number | undefined
  /** False makes the useless token of `--no-sign-request`. Default true. */
  readonly signRequest?: boolean | undefined
  /** False: no credentials are read from a cache or kept in one. Default true, unless EKS_GET_TOKEN_NO_CACHE is set. */
  readonly useCache?: boolean | undefined
  /** Asks a person for the code of an MFA device. Default: nobody is there, which is an error. */
  readonly askForCode?: ((request: CodeRequest) => Promise<string>) | undefined
}

export interface Token {
  readonly token: string
  /** 14 minutes from now, or when the credentials expire if that is earlier. */
  readonly expiresAt: Date
  /** When the credentials that signed end; undefined: they do not, or nobody signed. */
  readonly credentialsExpireAt: Date | undefined
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
 *   `ERR_SERVICE`, `ERR_NETWORK`, `ERR_TIMEOUT`
 */
export async function createToken(options: TokenOptions, host: Host = hostEnvironment()): Promise<Token> {
  const clusterId = checkOptions(options)
  const deadline = startDeadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, host.now)
  try {
    const settings = await settle(options, host, deadline)
    traceSettings(settings, host)
    checkRole(options.roleArn, settings)
    const plan = makePlan(settings, options, host)
    tracePlan(plan, host)
    const signRequests = options.signRequest ?? true
    const { machine, now, trace } = host
    const useCache = options.useCache ?? !isSet(host.env.EKS_GET_TOKEN_NO_CACHE)
    const { askForCode = nobodyIsThere } = options
    const context = { settings, system: host, machine, now, trace, signRequests, useCache, askForCode, ...deadline }
    // Without a signature nobody needs credentials; the AWS CLI assumes the role of --role-arn all the same.
    const needed = signRequests || options.roleArn !== undefined
    const credentials = needed ? await loadCredentials(plan, context) : undefined
    return await sign(clusterId, plan, settings, signRequests ? credentials : undefined, host)
  } finally {
    deadline.clear()
  }
}

/** A variable that says yes when it is there; `0` and `false` say no, as people expect. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(0|false|)$/i.test(value)
}

async function nobodyIsThere({ serial, roleArn }: CodeRequest): Promise<never> {
  throw new EksTokenError('ERR_CREDENTIALS', `the role ${roleArn} wants a code of the MFA device ${serial}`, {
    remedy: 'give askForCode to createToken',
  })
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
    credentialsExpireAt: signer?.expiration,
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
    machine: {
      platform: process.platform,
      processId: process.pid,
      name: machineName,
      isRunning,
      hasTerminal,
      killGroup,
      atEnd: stopAtEnd,
    },
  }
}

/** A signal that is not sent, only tried; a process of another user cannot be signalled, but it runs. */
function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function killGroup(processId: number): void {
  try {
    process.kill(-processId, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Node ends without a word at these signals, and would leave behind what it has started. */
const END_SIGNALS = { SIGTERM: 143, SIGHUP: 129 } as const

function stopAtEnd(stop: () => void): () => void {
  const signals = Object.entries(END_SIGNALS) as [keyof typeof END_SIGNALS, number][]
  const handlers = signals.map(([signal, exitCode]) => [signal, () => process.exit(exitCode)] as const)
  process.once('exit', stop)
  for (const [signal, handler] of handlers) process.once(signal, handler)
  return () => {
    process.off('exit', stop)
    for (const [signal, handler] of handlers) process.off(signal, handler)
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
function checkOptions(options: TokenOptions): string {
  const { clusterName, clusterId } = options
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
  const { roleArn, externalId, roleSessionName, durationSeconds, mfaSerial } = options
  const ofRole = { externalId, roleSessionName, durationSeconds, mfaSerial }
  const given = Object.entries(ofRole).find(([, value]) => value !== undefined)
  if (roleArn === undefined && given) {
    throw new EksTokenError(
      'ERR_USAGE',
      `${optionName(given[0])} says how to assume the role of --role-arn, which is missing`,
      {
        remedy: 'give --role-arn; a role of a profile has its own keys for this (external_id, role_session_name, …)',
      },
    )
  }
  return id
}

function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
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
