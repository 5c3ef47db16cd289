import { EksTokenError, isOpenFilesLimit, openFilesError } from '../errors.ts'
import { redactUrl, sanitizeExternalText } from '../redact.ts'
import { IMPOSTOR_REMEDY, type NetworkErrorContext, networkError } from './network-error.ts'
import { isRequestFailure } from './request-failure.ts'

export interface ServiceErrorContext extends NetworkErrorContext {
  readonly maxAttempts: number
  /** Hints for error codes of the service that are better than the general ones. */
  readonly remedies?: Readonly<Record<string, string>> | undefined
}

/**
 * The error for a call to an AWS service that failed, in the AWS CLI's words: the service rejected it, or no response
 * arrived.
 *
 * @param error - thrown by the SDK, or by {@link request}
 * @param operation - of the service, e.g. `AssumeRole`
 * @param url - the endpoint
 * @returns `ERR_SERVICE` for a rejection, `ERR_NETWORK`, or `ERR_CREDENTIALS` where nothing could be sent
 */
export function serviceError(
  error: unknown,
  operation: string,
  url: string,
  context: ServiceErrorContext,
): EksTokenError {
  if (isOpenFilesLimit(error)) return openFilesError(error)
  if (isRequestFailure(error)) return networkError(error, url, context)
  const { name, Code, code, $metadata, $response } = error as SdkError
  const message = sanitizeExternalText((error as SdkError).message, context.secrets)
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  if (status !== undefined && status >= 400) {
    const tries = $metadata?.attempts ?? 1
    // A response that did not come from AWS has no code; its status takes the place, as in the AWS CLI.
    const awsCode = isServiceCode(name) ? (typeof Code === 'string' && Code) || name : String(status)
    const retries =
      tries >= context.maxAttempts && RETRYABLE.test(`${awsCode} ${status}`)
        ? ` (reached max retries: ${tries - 1})`
        : ''
    const shownCode = sanitizeExternalText(awsCode, context.secrets).slice(0, MAX_CODE_CHARACTERS)
    const reason = isServiceCode(name) ? message : 'the response did not come from AWS'
    return new EksTokenError(
      'ERR_SERVICE',
      `An error occurred (${shownCode}) when calling the ${operation} operation${retries}: ${reason}`,
      { cause: error, remedy: isServiceCode(name) ? serviceRemedy(awsCode, shownCode, url, context) : IMPOSTOR_REMEDY },
    )
  }
  if (status !== undefined) {
    return new EksTokenError(
      'ERR_NETWORK',
      `Unable to parse the response to ${operation} from ${redactUrl(url)} (status ${status}): the response did not come from AWS`,
      { cause: error, remedy: IMPOSTOR_REMEDY },
    )
  }
  if (code === 'ERR_INVALID_CHAR') {
    return new EksTokenError(
      'ERR_CREDENTIALS',
      `the credentials that sign ${operation} contain characters that are not allowed in an HTTP header`,
      {
        cause: error,
        remedy: 'check whether the access key id or the session token ends in a line break',
      },
    )
  }
  return new EksTokenError('ERR_NETWORK', `Unable to send ${operation} to ${redactUrl(url)}: ${message}`, {
    cause: error,
    remedy: 'check the endpoint URL and the region',
  })
}

/** The step for expired credentials in the environment. */
export const NEW_ENVIRONMENT_REMEDY =
  'export new credentials, or unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to use a profile'

/** The SDK names an error after the service's code; where the response has none, after a class of its own. */
function isServiceCode(name: string | undefined): name is string {
  return name !== undefined && !/^(Error|TypeError|SyntaxError|RangeError|Unknown|UnknownError)$/.test(name)
}

/** The fields that errors of the SDK have. */
interface SdkError {
  readonly name?: string
  readonly message: string
  /** The service's code, where the SDK has another name for it: `InvalidIdentityToken`. */
  readonly Code?: unknown
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly statusCode?: number }
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const RETRYABLE = /Throttl|TooManyRequests|RequestLimitExceeded|IDPCommunicationError|\b5\d\d$/

/** The codes of AWS are shorter; a longer one comes from something else. */
const MAX_CODE_CHARACTERS = 100

const SERVICE_REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    "check that the role's trust policy allows the identity above, and that a policy of that identity allows sts:AssumeRole",
  ExpiredToken: 'the session that signed the request has expired: sign in again',
  ExpiredTokenException: 'the session that signed the request has expired: sign in again',
  InvalidClientTokenId:
    'the access key does not exist in this partition, or was deleted: --debug shows which access key signed',
  SignatureDoesNotMatch:
    "check that the secret access key belongs to the access key id, and that this machine's clock is correct",
  IncompleteSignature: 'check the access key id for quotes, spaces and line breaks',
  IncompleteSignatureException: 'check the access key id for quotes, spaces and line breaks',
  RegionDisabledException: 'choose another region with --region, or activate STS for this region in the IAM console',
}

function serviceRemedy(code: string, shownCode: string, url: string, context: ServiceErrorContext): string {
  const { remedies = {}, runtime, secrets } = context
  const { AWS_SESSION_TOKEN: sessionToken } = runtime.env
  if (/^ExpiredToken/.test(code) && sessionToken && secrets.includes(sessionToken)) {
    return `the credentials in the environment have expired: ${NEW_ENVIRONMENT_REMEDY}`
  }
  if (Object.hasOwn(remedies, code)) return remedies[code] ?? ''
  if (Object.hasOwn(SERVICE_REMEDIES, code)) return SERVICE_REMEDIES[code] ?? ''
  if (RETRYABLE.test(code)) return `try again: ${redactUrl(url)} is throttling requests or unavailable`
  return `see error code ${shownCode} in the documentation of the service`
}
