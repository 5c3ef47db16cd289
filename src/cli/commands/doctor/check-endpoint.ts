import { isRegionName, KNOWN_REGIONS, regionMeantBy } from '../../../aws/regions.ts'
import { parseStsHost, type StsHost } from '../../../aws/sts-host.ts'
import { closestMatch } from '../../../closest-match.ts'
import type { Settings } from '../../../config/settings.ts'
import { sourceOf } from '../../../credentials/sources/registry.ts'
import { isEksTokenError } from '../../../errors.ts'
import { requestApiServer } from '../../../kubernetes/api-server.ts'
import { clusterLocation } from '../../../kubernetes/context.ts'
import { splitUrl } from '../../../python/urls.ts'
import { redactUrl, redactValue } from '../../../redact.ts'
import type { Environment } from '../../../runtime.ts'
import { fetchServerTime } from '../../../token/verify/call-sts.ts'
import { CLOCK_REMEDY, describeSkew } from '../../../token/verify/refusals.ts'
import { clockSkew } from '../../../token/verify/verdict.ts'
import { certificateAuthority, unsafeServer } from './check-server.ts'
import { type CheckArtifacts, type DoctorContext, defineCheck, fail, ok, warn } from './context.ts'

export const regionCheck = defineCheck({
  id: 'region',
  needs: ['settings'],
  remedy: 'use a region such as us-east-1',
  run: ({ settings: { region, sts } }) => {
    if (!region) return ok('none: tokens are signed for the global STS endpoint')
    const { value, source } = region
    const shown = `${redactValue(value)} (${source})`
    const name = sts.signingRegion ?? value
    if (isRegionName(name)) {
      if (KNOWN_REGIONS.includes(name) || name.endsWith('-global')) return ok(shown)
      const similar = closestMatch(name, KNOWN_REGIONS)
      const remedy = similar === undefined ? `check ${source}` : `check ${source}: did you mean ${similar}?`
      return warn(`${shown} is not a known region`, { remedy })
    }
    const meant = regionMeantBy(name) ?? closestMatch(name.toLowerCase(), KNOWN_REGIONS)
    const isZone = meant !== undefined && /^[a-z-]+\d[a-z]$/.test(name)
    return fail(
      `${shown} is ${isZone ? 'an availability zone, not a region' : 'not a region'}: API servers reject tokens for it`,
      {
        remedy: meant === undefined ? `correct ${source}: use a region such as us-east-1` : `use ${meant} in ${source}`,
      },
    )
  },
})

export const endpointCheck = defineCheck({
  id: 'endpoint',
  needs: ['settings', 'pluginRuntime'],
  remedy: 'check AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, endpoint_url in the profile, and the region',
  run: ({ settings, pluginRuntime, kubeContext }) => {
    const { url } = settings.sts
    const endpoint = stsEndpoint(settings)
    if (!endpoint) {
      const source = overrideSource(settings, pluginRuntime.env)
      return fail(
        `tokens are signed for ${redactUrl(url)}, which API servers do not accept as an STS endpoint`,
        source === undefined ? {} : { remedy: `remove ${source}: tokens must be signed for an STS endpoint` },
      )
    }
    const partition = kubeContext && clusterLocation(kubeContext).partition
    if (partition !== undefined && partition !== endpoint.partition) {
      return fail(
        `different partition: tokens are signed for ${endpoint.host} in ${endpoint.partition}, and the cluster is in ${partition}`,
        { remedy: `use a region in partition ${partition}: correct ${settings.region?.source ?? 'the region'}` },
      )
    }
    return ok(`${endpoint.host} (${endpoint.kind})`)
  },
})

/** The STS endpoint that tokens are signed for; undefined where API servers do not accept it. */
function stsEndpoint({ sts }: Settings): StsHost | undefined {
  return sts.url.startsWith('https:') ? parseStsHost(splitUrl(sts.url).authority) : undefined
}

function overrideSource({ profile }: Settings, env: Environment): string | undefined {
  const variable = ['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'].find((name) => env[name])
  if (variable !== undefined) return variable
  const key = ['services', 'endpoint_url'].find((name) => profile.section.has(name))
  return key && `${key} of profile ${redactValue(profile.name)}`
}

/** STS may be out of reach without harm: access keys sign offline, and the API server calls STS itself. */
export const networkCheck = defineCheck({
  id: 'network',
  waitsFor: 'STS',
  needs: ['settings', 'plan', 'pluginRuntime'],
  remedy: 'check the network connection',
  run: async ({ settings, plan, pluginRuntime }) => {
    const endpoint = stsEndpoint(settings)
    if (!endpoint) return ok('not checked: the endpoint is not STS')
    const { network } = settings
    try {
      const response = await fetchServerTime(endpoint, { network, runtime: pluginRuntime, secrets: [] })
      const skewSeconds = clockSkew(response, pluginRuntime.now())
      return ok(`${endpoint.host} responds`, { sts: { skewSeconds } })
    } catch (error) {
      if (!isEksTokenError(error) || error.code === 'ERR_TIMEOUT') throw error
      const { message, code, remedy } = error
      const report = sourceOf(plan).isLocal ? warn : fail
      const note = sourceOf(plan).isLocal ? '; the token is signed without it' : ''
      return report(`${message} (${code})${note}`, { remedy })
    }
  },
})

/** STS rejects requests from a clock 5 minutes ahead; with one that is behind, tokens expire early. */
const MAX_SKEW_SECONDS = 240

export const clockCheck = defineCheck({
  id: 'clock',
  waitsFor: 'the API server',
  needs: ['plan', 'settings', 'pluginRuntime'],
  remedy: CLOCK_REMEDY,
  run: async ({ sts, settings, kubeContext }, context) => {
    const fromSts = { skew: sts?.skewSeconds, server: 'STS' }
    const { skew, server } =
      fromSts.skew === undefined ? { skew: await apiServerSkew(kubeContext, context), server: 'API server' } : fromSts
    if (skew === undefined) {
      return warn('not compared with another clock', {
        remedy: 'check that the clock of this machine is synchronized (NTP)',
      })
    }
    const problem = describeSkew(skew)?.replace('STS', server)
    if (problem === undefined)
      return ok(`in sync with ${server === 'STS' ? stsEndpoint(settings)?.host : `the ${server}`} (${skew} s)`)
    return Math.abs(skew) > MAX_SKEW_SECONDS ? fail(problem) : warn(problem)
  },
})

/** Local clock minus the clock of the API server, in seconds, for when STS is out of reach. */
async function apiServerSkew(
  kubeContext: CheckArtifacts['kubeContext'] | undefined,
  { runtime, options, files }: DoctorContext,
): Promise<number | undefined> {
  if (!kubeContext || unsafeServer(kubeContext.cluster, options.sendToken)) return undefined
  const { cluster } = kubeContext
  const request = { method: 'GET', path: '/version' } as const
  const response = await requestApiServer(cluster, certificateAuthority(cluster, files), runtime.env, request)
  if (!('date' in response) || !response.date) return undefined
  return Math.round((runtime.now().getTime() - response.date.getTime()) / 1000)
}
