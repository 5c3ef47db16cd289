import { type Parameters, type Rule, verifySignature } from '../signature-verifier.ts'
import type { Behavior, ReceivedRequest, ServiceResponse } from './exchange.ts'
import { json } from './exchange.ts'
import { isoSeconds, secretFor } from './temporary-credentials.ts'

/**
 * GetCallerIdentity for a presigned URL, as the API server of a cluster calls it: the signature is recomputed with the
 * received header, and its date is compared with the clock of STS. Every secret access key is derived from its id.
 */
export function callerIdentity(request: ReceivedRequest, behavior: Behavior): ServiceResponse {
  const clock = new Date(Date.now() + (behavior.clockOffsetSeconds ?? 0) * 1000)
  const date = { date: clock.toUTCString() }
  const response = responseTo(request, behavior, clock)
  return typeof response === 'object' ? { ...response, headers: { ...response.headers, ...date } } : response
}

function responseTo({ url, headers }: ReceivedRequest, behavior: Behavior, clock: Date): ServiceResponse {
  const parameters: Parameters = new Map(url.searchParams)
  const accessKeyId = parameters.get('X-Amz-Credential')?.split('/')[0] ?? ''
  const refusal = behavior.refuse?.[accessKeyId]
  if (typeof refusal === 'object' && 'code' in refusal) return refused(refusal.code, refusal.message, refusal.status)
  if (refusal !== undefined) return refusal
  const signedAt = parameters.get('X-Amz-Date') ?? ''
  const now = isoSeconds(clock.getTime()).replace(/[-:]/g, '')
  const seconds = (clock.getTime() - Date.parse(signedAt.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))) / 1000
  if (seconds > 900) {
    return refused(
      'SignatureDoesNotMatch',
      `Signature expired: ${signedAt} is now earlier than ${now} (${now} - 15 min.)`,
    )
  }
  if (seconds < -300) {
    return refused(
      'SignatureDoesNotMatch',
      `Signature not yet current: ${signedAt} is still later than ${now} (${now} + 5 min.)`,
    )
  }

  const host = headers.host ?? ''
  const region = /^sts(?:-fips)?\.([a-z]+-[a-z-]+-\d)\./.exec(host)?.[1] ?? 'us-east-1'
  const sessionToken = parameters.get('X-Amz-Security-Token')
  const rule: Rule = (_name, holds, reason) => {
    if (!holds) throw new SignatureRefusal(reason)
  }
  try {
    const cluster = Buffer.from(headers['x-k8s-aws-id']?.toString() ?? '', 'latin1').toString('utf8')
    const known = (id: string) => ({ secret: secretFor(id), ...(sessionToken === undefined ? {} : { sessionToken }) })
    verifySignature({ host, region }, parameters, cluster, known, rule)
  } catch (error) {
    if (!(error instanceof SignatureRefusal)) throw error
    // STS tells what it would have signed: the whole request, session token and all.
    const canonical = `GET\n/\n${url.search.slice(1)}\nhost:${host}\nx-k8s-aws-id:${headers['x-k8s-aws-id']}\n`
    return refused(
      'SignatureDoesNotMatch',
      `The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.\n\nThe Canonical String for this request should have been\n'${canonical}'\n`,
    )
  }
  const arn = behavior.arns?.[accessKeyId] ?? arnOf(accessKeyId, sessionToken)
  const session = /:assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1]
  const result = {
    Account: arn.split(':')[4],
    Arn: arn,
    UserId: session === undefined ? 'AIDAEXAMPLE' : `AROAEXAMPLE:${session}`,
  }
  return json(200, {
    GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata: { RequestId: 'request-id' } },
  })
}

class SignatureRefusal extends Error {}

/** The session tokens that this AWS hands out name the role; see temporary-credentials.ts. */
export function arnOf(accessKeyId: string, sessionToken: string | undefined): string {
  const role = /^TOKEN\/(.*)\+==$/.exec(sessionToken ?? '')?.[1]
  return role === undefined
    ? `arn:aws:iam::123456789012:user/team/${accessKeyId}`
    : `arn:aws:sts::123456789012:assumed-role/${role}/EKSGetTokenAuth`
}

function refused(code: string, message: string, status = 403): ServiceResponse {
  return json(status, { Error: { Code: code, Message: message, Type: 'Sender' }, RequestId: 'request-id' })
}
