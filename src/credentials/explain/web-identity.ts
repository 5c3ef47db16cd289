import { field, tryParseJson } from '../../json.ts'
import { redactValue } from '../../redact.ts'
import { formatTime } from '../../time-format.ts'

/**
 * The hints for the error codes of AssumeRoleWithWebIdentity. They quote the claims of the token that trust policies
 * compare, which are not secret; its signature is not among them.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */
export function webIdentityRemedies(
  { roleArn, tokenFile }: { readonly roleArn: string; readonly tokenFile: string },
  token: string,
  now: Date,
): Readonly<Record<string, string>> {
  const claims = parseClaims(token)
  const file = redactValue(tokenFile)
  const role = redactValue(roleArn)
  if (!claims) {
    const notAToken = `${file} does not contain a JSON Web Token: write only the token to it, without quotes or line breaks`
    return Object.fromEntries(
      ['AccessDenied', 'InvalidIdentityToken', 'IDPRejectedClaim', 'ExpiredToken', 'ExpiredTokenException'].map(
        (code) => [code, notAToken],
      ),
    )
  }
  const { iss, aud, sub, exp } = claims
  const provider = `arn:…:oidc-provider/${iss.replace(/^https:\/\//, '')}`
  const expiry = exp === undefined ? '' : ` at ${formatTime(exp, now)}`
  return {
    AccessDenied:
      `compare the trust policy of ${role} with the token in ${file}: its federated principal must be ${provider}, and its ` +
      `conditions must accept aud ${aud} and sub ${sub}`,
    InvalidIdentityToken:
      `check that the account of ${role} has an IAM identity provider for ${iss}, that its audiences contain ${aud}, and that ` +
      `the token in ${file} is complete, without a line break at its end`,
    IDPRejectedClaim: `the token in ${file} expired${expiry}, or the provider rejects its aud ${aud} or sub ${sub}: get a new token`,
    ExpiredToken: `the token in ${file} expired${expiry}: get a new one`,
    ExpiredTokenException: `the token in ${file} expired${expiry}: get a new one`,
  }
}

interface Claims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly exp: Date | undefined
}

/** https://www.rfc-editor.org/rfc/rfc7519#section-4.1 */
function parseClaims(token: string): Claims | undefined {
  const [, payload = ''] = /^\s*[\w-]+\.([\w-]+)\.[\w-]*\s*$/.exec(token) ?? []
  const claims = tryParseJson(Buffer.from(payload, 'base64url').toString('utf8'))
  const text = (name: string): string => {
    const values = [field(claims, name)].flat().filter((value) => typeof value === 'string')
    return values.length === 0 ? '(none)' : values.map((value) => `'${redactValue(value)}'`).join(', ')
  }
  if (typeof claims !== 'object' || claims === null) return undefined
  const exp = field(claims, 'exp')
  return {
    iss: text('iss').replaceAll("'", ''),
    aud: text('aud'),
    sub: text('sub'),
    exp: typeof exp === 'number' && Math.abs(exp) < 1e11 ? new Date(exp * 1000) : undefined,
  }
}
