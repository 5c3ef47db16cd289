import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { isRecord } from '../../json.ts'
import { sanitizeExternalText } from '../../redact.ts'
import type { LoadContext } from '../context.ts'
import type { Credentials } from '../credentials.ts'

/** Credentials that the caller of the library provides. */
export interface ProvidedPlan {
  readonly kind: 'provided'
  readonly why: string
}

/** @throws EksTokenError `ERR_CREDENTIALS` when the provider fails, or returns something else */
export async function loadProvided(
  _: ProvidedPlan,
  { credentials, settings, waitFor }: LoadContext,
): Promise<Credentials> {
  const { sts, profile } = settings
  const region = async () => settings.region?.value ?? sts.signingRegion ?? 'us-east-1'
  const properties = { callerClientConfig: { region, profile: profile.name } }
  let value: unknown = credentials
  if (typeof credentials === 'function') {
    try {
      // A provider without types may return the value itself.
      value = await waitFor('the credential provider', Promise.resolve(credentials(properties)))
    } catch (error) {
      if (isEksTokenError(error)) throw error
      const message = sanitizeExternalText(error instanceof Error ? error.message : String(error))
      throw new EksTokenError('ERR_CREDENTIALS', `the credential provider failed: ${message}`, {
        cause: error,
        remedy: 'call the provider on its own to see the whole error, or pass other credentials',
      })
    }
  }
  if (!isRecord(value) || !isText(value.accessKeyId) || !isText(value.secretAccessKey)) {
    throw new EksTokenError('ERR_CREDENTIALS', 'the credentials option provides no accessKeyId and secretAccessKey', {
      remedy: 'pass, or return from the provider, an object with accessKeyId and secretAccessKey',
    })
  }
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = value
  const wrong =
    sessionToken !== undefined && typeof sessionToken !== 'string'
      ? 'a sessionToken that is not a string'
      : expiration !== undefined && !isDate(expiration)
        ? 'an expiration that is not a valid Date'
        : undefined
  if (wrong) {
    throw new EksTokenError('ERR_CREDENTIALS', `the credentials option provides ${wrong}`, {
      remedy: 'pass a string as sessionToken and a valid Date as expiration, or omit them',
    })
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: isText(sessionToken) ? sessionToken : undefined,
    expiration: isDate(expiration) ? expiration : undefined,
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime())
}
