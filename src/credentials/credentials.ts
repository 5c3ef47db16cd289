/** AWS credentials. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** undefined or empty: long-term credentials. */
  readonly sessionToken: string | undefined
  /** undefined: they do not expire, or, with a session token, it is unknown when. */
  readonly expiration: Date | undefined
  /** The assumed role user in the response from STS: ARN and id of the role's session. */
  readonly session?: { readonly arn: string; readonly id: string } | undefined
}

/** In the form of the AWS SDK for JavaScript. */
export interface StaticCredentials {
  /** Not a secret. */
  readonly accessKeyId: string
  /** Signs; it is never printed, logged or stored. */
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
  /** When they expire; the token does not claim to outlive them. Default: they do not expire. */
  readonly expiration?: Date | undefined
}

/**
 * A credential provider of the AWS SDK for JavaScript.
 *
 * @param properties - the region, for a provider that calls a service; providers that need nothing ignore it
 */
export type CredentialProvider = (properties?: {
  readonly callerClientConfig: { readonly region: () => Promise<string>; readonly profile: string }
}) => Promise<StaticCredentials>

/**
 * Parses the expiration of credentials as it occurs in files, variables and responses: ISO 8601 (with or without dashes and
 * colons; `T` or a space before the time; `Z`, `UTC`, `GMT` or an offset after it) or an HTTP date.
 *
 * @returns undefined for anything else, also for a time without a time zone, which is ambiguous
 */
export function parseExpiration(text: string): Date | undefined {
  const iso =
    /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d))?(\.\d+)? ?(?:Z|UTC|GMT|([+-]\d\d)(?::?(\d\d))?)$/i.exec(
      text.trim(),
    )
  if (iso) {
    const [, year, month, day, hour, minute, second = '00', fraction = '', offsetHours, offsetMinutes = '00'] = iso
    const zone = offsetHours === undefined ? 'Z' : `${offsetHours}:${offsetMinutes}`
    return validDate(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${zone}`)
  }
  return /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d (GMT|UTC|[+-]\d{4})$/.test(text.trim())
    ? validDate(text)
    : undefined
}

function validDate(text: string): Date | undefined {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}
