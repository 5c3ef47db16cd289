import aws4 from 'aws4'

/** Goes on when the rule holds; else the token is refused for this reason. */
export type Rule = (name: string, holds: boolean, reason: string) => asserts holds

/** Query parameters under their names as written: SigV4 signs them with their case. */
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
 * What STS does with the URL of a token: the server has sent it with its own cluster's name, and the request that STS
 * sees has to be the one that was signed.
 *
 * @returns the access key that signed
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
  rule('signs only headers that are sent', unsent === undefined, `signs the header "${unsent}", which nobody sends`)
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
 * The parameters as aws4 writes them. It takes the date and the expiry from the token and puts in its own
 * X-Amz-Algorithm, -Credential, -SignedHeaders and -Security-Token over what was there.
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
