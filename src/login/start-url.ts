import type { Settings } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import { endpointRoute } from '../net/endpoint-route.ts'
import { request, targetOf } from '../net/request.ts'
import { isRequestFailure } from '../net/request-failure.ts'
import { redactUrl, sanitizeExternalText } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import type { SsoLogin } from './login.ts'

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/sso/resolve.py */
const AWS_DOMAINS = [
  'app.aws',
  'portal.amazonaws.com',
  'portal.amazonaws.com.cn',
  'app.amazonwebservices.com.cn',
  'portal.amazonaws.eu',
  'api.amazonwebservices.eu',
  'awsapps.com',
  'awsapps.cn',
]
const AWS_HOSTS = [
  'identitycenter.amazonaws.com',
  'identitycenter.amazonaws.com.cn',
  'identitycenter.amazonaws.eu',
  'identitycenter.us-gov.amazonaws.com',
]
/** The region is the label after `portal`, or before it. */
const REGIONAL_HOSTS = [
  /^[^.]+\.portal\.([a-z0-9-]+)\.(?:app\.aws|app\.amazonwebservices\.com\.cn|api\.amazonwebservices\.eu)$/,
  /^[^.]+\.([a-z0-9-]+)\.portal\.(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu)$/,
]

const TIMEOUT_SECONDS = 10

/** The start URL of an AWS access portal. */
export interface StartUrl {
  readonly url: string
  /** From the host name of the portal, else the configured one. */
  readonly region: string
}

/**
 * The AWS access portal behind a start URL. A host name of AWS is used as it is; that of an organization (a vanity URL) must
 * redirect to one of AWS, in one step.
 *
 * @throws EksTokenError `ERR_LOGIN_SETTING` for a URL that is not https, or leads to a host that is not of AWS;
 *   `ERR_NETWORK`
 */
export async function resolveStartUrl(
  { startUrl, region }: Pick<SsoLogin, 'startUrl' | 'region'>,
  context: { readonly settings: Settings; readonly runtime: Runtime },
): Promise<StartUrl> {
  const configured = parseStartUrl(startUrl)
  if (isAwsHost(configured.hostname)) return { url: startUrl, region }
  context.runtime.trace?.(`following the start URL ${redactUrl(startUrl)}`)
  const target = await followOnce(configured, context)
  target.search = ''
  target.hash = ''
  const url = target.href.replace(/\/+$/, '')
  if (!isAwsHost(target.hostname) || target.username || target.password) {
    throw startUrlError(`it redirects to ${redactUrl(url)}, which is not an AWS host`, startUrl)
  }
  if (target.protocol !== 'https:')
    throw startUrlError(`it redirects to ${redactUrl(url)}, which is not an https URL`, startUrl)
  return { url, region: regionOf(target.hostname) ?? region }
}

function parseStartUrl(startUrl: string): URL {
  if (!URL.canParse(startUrl)) throw startUrlError('it is not a URL', startUrl)
  const url = new URL(startUrl)
  if (url.protocol !== 'https:') throw startUrlError('it must use the https scheme', startUrl)
  return url
}

/** The AWS CLI accepts a final dot. */
function normalized(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '')
}

function isAwsHost(hostname: string): boolean {
  const host = normalized(hostname)
  return AWS_HOSTS.includes(host) || AWS_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`))
}

function regionOf(hostname: string): string | undefined {
  return REGIONAL_HOSTS.map((pattern) => pattern.exec(normalized(hostname))?.[1]).find(Boolean)
}

/** Where the URL redirects to; itself if it does not. */
async function followOnce(url: URL, context: { readonly settings: Settings; readonly runtime: Runtime }): Promise<URL> {
  const route = endpointRoute(url.href, context.settings.network, context.runtime)
  const limits = { connectSeconds: TIMEOUT_SECONDS, readSeconds: TIMEOUT_SECONDS }
  const send = async (method: string) => {
    try {
      return await request(targetOf(url.href), { method, ...route, limits })
    } catch (error) {
      if (!isRequestFailure(error)) throw error
      throw new EksTokenError(
        'ERR_NETWORK',
        `the start URL ${redactUrl(url.href)} could not be followed: ${sanitizeExternalText(error.message)}`,
        { cause: error, remedy: 'check sso_start_url, and that its host can be reached from this machine' },
      )
    }
  }
  let response = await send('HEAD')
  if (response.status === 405 || response.status === 501) response = await send('GET')
  const { status, headers } = response
  if (status >= 200 && status < 300) return url
  if (![301, 302, 303, 307, 308].includes(status)) throw startUrlError(`it responded with status ${status}`, url.href)
  const { location } = headers
  if (location === undefined || !URL.canParse(location, url.href)) {
    throw startUrlError('it redirects to an invalid URL', url.href)
  }
  return new URL(location, url)
}

function startUrlError(why: string, startUrl: string): EksTokenError {
  return new EksTokenError('ERR_LOGIN_SETTING', `invalid sso_start_url ${redactUrl(startUrl)}: ${why}`, {
    remedy: 'set sso_start_url to the URL of the AWS access portal, such as https://d-1234567890.awsapps.com/start',
  })
}
