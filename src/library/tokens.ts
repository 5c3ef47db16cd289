import * as command from '../create-token.ts'
import type { Plan as ChosenPlan } from '../credentials/sources/registry.ts'
import { EksTokenError } from '../errors.ts'
import { toExecCredential as buildExecCredential, type ExecCredential } from '../kubernetes/exec-credential.ts'
import { processRuntime, type Runtime } from '../runtime.ts'
import { callerIdentity } from '../token/verify/caller-identity.ts'
import { type Inspection, inspectToken } from '../token/verify/inspection.ts'
import { parseTokenUrl } from '../token/verify/token-url.ts'
import type { Identity } from '../token/verify/verdict.ts'
import { type Verification, verifyToken as verifyWithSts } from '../token/verify/verify-token.ts'
import { type CreateTokenOptions, checkOptions, type IdentityOptions } from './options.ts'
import { runCall } from './run.ts'
import { translate } from './wording.ts'

/** The credential source that was chosen, as plain data without secrets. Each kind has more properties of its own. */
export interface Plan {
  /** The kind of credential source; `none` of an unsigned token. */
  readonly kind: ChosenPlan['kind']
  /** The reason for the choice, in words. */
  readonly why: string
  /** The role of the kinds `assume-role`, `web-identity`. */
  readonly roleArn?: string | undefined
  /** The source of the credentials that assume a role (`assume-role`). */
  readonly source?: Plan | undefined
}

/** A token, and how it was created. */
export interface Token extends Omit<command.Token, 'output' | 'plan'> {
  /** The credential source, and why it was chosen. */
  readonly plan: Plan
}

/**
 * Creates a token for an EKS cluster, with the credentials that the AWS CLI would use or with those given. Uses the network
 * only where the credentials require it; prints nothing, and shows no prompt.
 *
 * @example
 * import { createToken } from 'eks-get-token'
 *
 * const { token, expiresAt } = await createToken({ clusterName: 'demo', region: 'us-west-2' })
 * console.log(`${token.length} characters, valid until ${expiresAt.toISOString()}`)
 *
 * @param options - the cluster, and whose credentials sign
 * @param runtime - files, clock and process; default: those of this process
 * @throws EksTokenError with one of the codes `ERR_USAGE`, `ERR_PARAMETER`, `ERR_PROFILE`, `ERR_CONFIG_FILE`,
 *   `ERR_SETTING`, `ERR_REGION`, `ERR_ENDPOINT`, `ERR_NO_REGION`, `ERR_NO_CREDENTIALS`, `ERR_CREDENTIALS`,
 *   `ERR_SERVICE`, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_OPEN_FILES`; the reason of `signal` when it is aborted
 */
export async function createToken(options: CreateTokenOptions, runtime?: Runtime): Promise<Token> {
  return runCall(
    options,
    { cluster: true },
    async (call, callRuntime, deadline) => {
      const { output: _, plan, region, ...token } = await command.createToken(call, callRuntime, deadline)
      return {
        ...token,
        plan: inWords(plan),
        region: region && { ...region, source: translate(region.source) },
      }
    },
    runtime,
  )
}

/** The reason names the library's options. */
const inWords = (plan: ChosenPlan): Plan => ({ ...plan, why: translate(plan.why) })

/** Who signs, according to STS. */
export interface ResolvedIdentity extends Identity {
  /** The access key id of the credentials. */
  readonly accessKeyId: string
  /** The credential source, and why it was chosen. */
  readonly plan: Plan
}

/**
 * The identity that signs tokens with the same options: loads the credentials, and calls STS
 * (GetCallerIdentity, which needs no permission).
 *
 * @example
 * import { resolveIdentity } from 'eks-get-token'
 *
 * const { arn, plan } = await resolveIdentity({ region: 'us-west-2' })
 * console.log(`${arn}, from ${plan.kind} because ${plan.why}`)
 *
 * @param options - as for {@link createToken}, without a cluster
 * @param runtime - as for {@link createToken}
 * @throws EksTokenError as {@link createToken}; `ERR_SERVICE` when STS rejects the credentials
 */
export async function resolveIdentity(options: IdentityOptions = {}, runtime?: Runtime): Promise<ResolvedIdentity> {
  return runCall(
    options,
    { cluster: false },
    async (call, callRuntime, deadline) => {
      const { settings, plan, credentials } = await command.resolveCredentials(call, callRuntime, deadline)
      if (!credentials)
        throw new EksTokenError('ERR_PARAMETER', 'resolveIdentity requires a signed request', {
          remedy: 'omit signRequest',
        })
      const result = await deadline.waitFor(
        'STS',
        callerIdentity(credentials, plan, { settings, runtime: callRuntime }),
      )
      if (result.verdict?.identity) {
        const { accessKeyId } = credentials
        return { ...result.verdict.identity, accessKeyId, plan: inWords(plan) }
      }
      throw refused(result)
    },
    runtime,
  )
}

function refused({ verdict, inspection }: Verification): EksTokenError {
  const refusal = verdict?.refused
  if (refusal)
    return new EksTokenError('ERR_SERVICE', `STS rejected the credentials: ${refusal.message || refusal.code}`, {
      remedy: refusal.remedy,
    })
  const failed = inspection.rules.find(({ status }) => status !== 'pass')
  return new EksTokenError(
    'ERR_ENDPOINT',
    `the identity cannot be requested from STS: ${failed?.finding ?? 'not an STS endpoint'}`,
    {
      remedy: 'remove the endpoint override: the request is sent only to STS',
    },
  )
}

/** What a token contains, without checking it. */
export interface DecodedToken {
  /** The presigned URL. It is as secret as the token. */
  readonly url: string
  /** The access key id of the credentials that signed. */
  readonly accessKeyId: string | undefined
  /** The signing region. */
  readonly region: string | undefined
  /** When it was signed, according to the clock of its creator. */
  readonly signedAt: Date | undefined
  /** 15 minutes after `signedAt`. */
  readonly validUntil: Date | undefined
}

/**
 * Decodes a token. Checks nothing: anyone may have written it.
 *
 * @example
 * import { createToken, decodeToken } from 'eks-get-token'
 *
 * const { token } = await createToken({ clusterName: 'demo', region: 'us-west-2' })
 * const { region, signedAt, validUntil } = decodeToken(token)
 * console.log(region, signedAt, validUntil)
 *
 * @param token - with its prefix `k8s-aws-v1.`
 * @throws EksTokenError `ERR_PARAMETER` for text that is not a token
 */
export function decodeToken(token: string): DecodedToken {
  const { url, text } = parseTokenUrl(requireText(token, 'token'))
  if (!url || text === undefined) {
    throw new EksTokenError('ERR_PARAMETER', 'not an EKS token', {
      remedy: 'pass the token of an ExecCredential: "k8s-aws-v1." and a URL in base64url',
    })
  }
  const { accessKeyId, sts, signedAt, validUntil } = inspectToken(token, new Date(0))
  return { url: text, accessKeyId, region: sts?.region, signedAt, validUntil }
}

/**
 * Checks a token offline, by the rules of API servers and of STS.
 *
 * @example
 * import { checkToken, createToken } from 'eks-get-token'
 *
 * const { token } = await createToken({ clusterName: 'demo', region: 'us-west-2' })
 * const { passes, rules } = checkToken(token)
 * console.log(passes, rules.filter(({ status }) => status !== 'pass'))
 *
 * @param token - any text
 * @param options - `now`: the time of the check; default: the current time
 * @returns every rule with its result. A malformed token is a result, not an error
 * @throws EksTokenError `ERR_PARAMETER` for an argument of the wrong type, `ERR_USAGE` for an unknown option
 */
export function checkToken(token: string, options: { readonly now?: Date } = {}): Inspection {
  checkOptions(options, { now: 'date' }, 'now: signedAt')
  const { now = processRuntime().now() } = options
  return inspectToken(requireText(token, 'token'), now)
}

/**
 * The object that kubectl reads from stdout.
 *
 * @example
 * import { createToken, toExecCredential } from 'eks-get-token'
 *
 * const { token, expiresAt } = await createToken({ clusterName: 'demo', region: 'us-west-2' })
 * console.log(JSON.stringify(toExecCredential(token, expiresAt, 'client.authentication.k8s.io/v1')))
 *
 * @param token - as from {@link createToken}
 * @param expiresAt - as from {@link createToken}; fractions of a second are cut off
 * @param apiVersion - the version that the client requested; default `client.authentication.k8s.io/v1beta1`, as in the
 *   AWS CLI
 * @throws EksTokenError `ERR_PARAMETER` for an argument of the wrong type
 */
export function toExecCredential(token: string, expiresAt: Date, apiVersion?: string): ExecCredential {
  const version = apiVersion === undefined ? undefined : requireText(apiVersion, 'apiVersion')
  return buildExecCredential(requireText(token, 'token'), requireDate(expiresAt, 'expiresAt'), version)
}

/**
 * Verifies a token as the API server of a cluster does: checks it offline, then sends its presigned request to STS, and only
 * to STS endpoints.
 *
 * @example
 * import { createToken, verifyToken } from 'eks-get-token'
 *
 * const { token } = await createToken({ clusterName: 'demo', region: 'us-west-2' })
 * const { verdict } = await verifyToken(token, { clusterName: 'demo' })
 * console.log(verdict?.identity?.arn ?? verdict?.refused?.meaning ?? 'rejected before STS is called')
 *
 * @param token - as a client sends it
 * @param options - the cluster that receives it, by its own name; the network settings are those of the profile
 * @param runtime - as for {@link createToken}
 * @throws EksTokenError `ERR_USAGE` without a cluster, `ERR_NETWORK` when STS does not respond, `ERR_TIMEOUT`
 */
export async function verifyToken(
  token: string,
  options: Pick<
    CreateTokenOptions,
    'clusterName' | 'clusterId' | 'region' | 'profile' | 'environment' | 'signal' | 'timeoutSeconds'
  >,
  runtime?: Runtime,
): Promise<Verification> {
  requireText(token, 'token')
  return runCall(
    options,
    { cluster: true },
    async ({ clusterName, clusterId, ...call }, callRuntime, deadline) => {
      const id = clusterId || clusterName
      if (!id)
        throw new EksTokenError('ERR_USAGE', 'no cluster is specified', {
          remedy: 'pass clusterName or clusterId',
        })
      const { network } = await command.resolveSettings(call, callRuntime, deadline)
      return deadline.waitFor('STS', verifyWithSts(token, id, { network, runtime: callRuntime, plan: undefined }))
    },
    runtime,
  )
}

function requireText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw new EksTokenError('ERR_PARAMETER', `${name} must be a string`, { remedy: `pass the ${name} as a string` })
}

function requireDate(value: unknown, name: string): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value
  throw new EksTokenError('ERR_PARAMETER', `${name} must be a Date`, { remedy: `pass ${name} as a valid Date` })
}
