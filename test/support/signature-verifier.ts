import aws4 from 'aws4'

/** Continues when the rule passes; otherwise the token is rejected for this reason. */
export type Rule = (name: string, holds: boolean, reason: string) => asserts holds

/** Query parameters by name, as written: SigV4 signs names case-sensitively. */
export type Parameters = Map<string, string>

export interface Url {
  host: string
  region: string
}

export interface Secret {
  secret: string
  sessionToken?: string
}

/**
 * Verifies the signature as STS does: the API server has sent the URL with the name of its own cluster, and this request
 * must be the one that was signed.
 *
 * @returns the access key id that signed
 */
export function verifySignature(
  url: Url,
  parameters: Parameters,
  clusterName: string,
  secretFor: (accessKeyId: string) => Secret | undefined,
  rule: Rule,
): string {
  const [accessKeyId = '', ...scope] = parameters.get('X-Amz-Credential')?.split('/') ?? []
  const expected = [parameters.get('X-Amz-Date')?.slice(0, 8), url.region, 'sts', 'aws4_request'].join('/')
  rule(`credential scope of ${url.region}`, scope.join('/') === expected, `Credential should be scoped to ${expected}`)

  const known = secretFor(accessKeyId)
  rule('a known access key', known !== undefined, `InvalidClientTokenId: no access key "${accessKeyId}"`)
  rule(
    'the session token of that key, or none',
    parameters.get('X-Amz-Security-Token') === known.sessionToken,
    `InvalidClientTokenId: not the session token of ${accessKeyId}`,
  )

  const sent = new Map([
    ['host', url.host],
    ['x-k8s-aws-id', clusterName],
    ['accept', 'application/json'],
  ])
  const signed = parameters.get('X-Amz-SignedHeaders')?.split(';') ?? []
  const unsent = signed.find((name) => !sent.has(name))
  rule('signs only headers that are sent', unsent === undefined, `signs the header "${unsent}", which is not sent`)
  rule('signs the header host', signed.includes('host'), 'the header host is not signed')

  const headers = Object.fromEntries([...sent].filter(([name]) => signed.includes(name)))
  const again = signAgain(url, parameters, headers, accessKeyId, known)
  const different = [...again.keys()].find((name) => name !== SIGNATURE && again.get(name) !== parameters.get(name))
  rule('the parameters of SigV4', different === undefined, `IncompleteSignature: ${different} is missing or wrong`)
  rule(
    `signed with that key for cluster "${clusterName}"`,
    again.get(SIGNATURE) === parameters.get(SIGNATURE),
    `SignatureDoesNotMatch: not signed with the secret of ${accessKeyId} for cluster "${clusterName}"`,
  )
  return accessKeyId
}

const SIGNATURE = 'X-Amz-Signature'

/**
 * The parameters as aws4 computes them: with the date and the expiry of the token, and its own X-Amz-Algorithm, -Credential,
 * -SignedHeaders and -Security-Token.
 */
function signAgain(
  { host, region }: Url,
  parameters: Parameters,
  headers: Record<string, string>,
  accessKeyId: string,
  { secret, sessionToken }: Secret,
): Parameters {
  const query = [...parameters].filter(([name]) => name !== SIGNATURE)
  const path = `/?${query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`
  const signed = aws4.sign(
    { method: 'GET', host, path, service: 'sts', region, headers, signQuery: true },
    { accessKeyId, secretAccessKey: secret, ...(sessionToken === undefined ? {} : { sessionToken }) },
  )
  return new Map(new URL(signed.path, `https://${host}`).searchParams)
}
