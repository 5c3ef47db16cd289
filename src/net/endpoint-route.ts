import { statSync } from 'node:fs'
import type { Settings } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import { describeUnreadable } from '../file-problem.ts'
import { readWithoutWaiting } from '../process/read-when-ready.ts'
import { expandHome } from '../python/expand.ts'
import { redactUrl, redactValue } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { pemProblem } from './pem.ts'
import { proxyFor } from './proxy.ts'
import type { Limits } from './request.ts'
import type { Tls } from './tls.ts'

/** How a request reaches an endpoint of AWS. */
export interface Route {
  readonly proxy: string | undefined
  readonly tls: Tls
  readonly limits: Limits
}

/**
 * The proxy, the CA bundle and the timeouts that the AWS CLI uses for an endpoint.
 *
 * @param url - the scheme and the host select the proxy
 * @throws EksTokenError `ERR_NETWORK` for a CA bundle that cannot be read, `ERR_ENDPOINT` for a URL that is not `http:` or
 *   `https:`, `ERR_SETTING` for a proxy that is not a URL
 */
export function endpointRoute(
  url: string,
  network: Settings['network'],
  runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>,
): Route {
  if (!/^https?:/.test(url)) {
    throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${redactUrl(url)}: the scheme must be https or http`, {
      remedy: 'correct AWS_ENDPOINT_URL, its variant for the service, or endpoint_url in the profile',
    })
  }
  const proxy = proxyFor(url, runtime)
  if (proxy !== undefined && !URL.canParse(proxy)) {
    throw new EksTokenError(
      'ERR_SETTING',
      `the proxy for ${redactUrl(url)} is not a valid URL: '${redactUrl(proxy)}'`,
      {
        remedy: 'correct HTTPS_PROXY and HTTP_PROXY, or remove them',
      },
    )
  }
  return {
    proxy,
    tls: { ca: url.startsWith('https:') ? readCaBundle(network.caBundle, url, runtime) : undefined },
    limits: { connectSeconds: network.connectTimeoutSeconds, readSeconds: network.readTimeoutSeconds },
  }
}

/** The bundles of whole distributions have a quarter of a megabyte. */
const MAX_CA_BUNDLE_BYTES = 16 << 20

/** undefined: no bundle is configured. It is read here, because only a connection needs it. */
function readCaBundle(
  bundle: Settings['network']['caBundle'],
  url: string,
  runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>,
): string | undefined {
  if (!bundle?.value) return undefined
  // Not its variables. https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/httpsession.py (urllib3 expands `~`)
  const path = expandHome(bundle.value, runtime)
  try {
    // A pipe would block, and a device never end, with no timeout for either.
    const stats = statSync(path)
    if (!stats.isFile() || stats.size > MAX_CA_BUNDLE_BYTES) throw new Error('it is not a file with certificates')
    const text = readWithoutWaiting(path).toString('utf8')
    // Node would trust its own store in place of an empty bundle.
    const problem = pemProblem(text)
    if (problem !== undefined) throw new Error(problem)
    return text
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const problem = code === undefined ? `is not usable: ${message}` : describeUnreadable(path)
    throw new EksTokenError(
      'ERR_NETWORK',
      `SSL validation failed for ${redactUrl(url)}: the CA bundle ${redactValue(path)} (${bundle.source}) ${problem}`,
      { cause, remedy: `set ${bundle.source} to a file with CA certificates in PEM format, or remove it` },
    )
  }
}
