import type { Settings } from '../../../config/settings.ts'
import { resolveSettings } from '../../../create-token.ts'
import { awsCacheFile, readCachedCredentials } from '../../../credentials/cache/aws-cache.ts'
import { listCacheEntries } from '../../../credentials/cache/list.ts'
import { rolesDir } from '../../../credentials/cache/paths.ts'
import { awsDirectoryProblems } from '../../../credentials/cache/permissions.ts'
import { createLoadContext } from '../../../credentials/context.ts'
import { loadCredentials } from '../../../credentials/load.ts'
import { makePlan } from '../../../credentials/plan/index.ts'
import { describePlan, type Plan, sourceOf } from '../../../credentials/sources/registry.ts'
import { redactKeyId, redactValue } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { withNativeSeparators } from '../../../shown-path.ts'
import { formatTime } from '../../../time-format.ts'
import { type DoctorContext, defineCheck, ok, warn } from './context.ts'
import { basePlan, shadowedSettings } from './shadowed-settings.ts'
import { distrustOf } from './trust.ts'

export const profileCheck = defineCheck({
  id: 'profile',
  needs: ['tokenOptions', 'pluginRuntime'],
  remedy: ({ hasKubeconfig }) =>
    hasKubeconfig
      ? 'correct the profile, or select another one with --profile in args: or AWS_PROFILE in env: of the exec block'
      : 'correct the profile, or select another one with --profile or AWS_PROFILE',
  run: async ({ tokenOptions, pluginRuntime }, { deadline }) => {
    const settings = await resolveSettings(tokenOptions, pluginRuntime, deadline)
    const { profile, region } = settings
    const profileText = profile.source === 'default' ? 'default' : `${redactValue(profile.name)} (${profile.source})`
    return ok(`${profileText}, ${region ? `region ${redactValue(region.value)} (${region.source})` : 'no region'}`, {
      settings,
    })
  },
})

export const sourceCheck = defineCheck({
  id: 'source',
  needs: ['settings', 'tokenOptions', 'pluginRuntime'],
  remedy: 'correct the setting',
  waitsFor: 'the credential source',
  run: async ({ settings, tokenOptions, pluginRuntime, exec }, context) => {
    const { runtime } = context
    const plan = await makePlan(settings, tokenOptions, pluginRuntime)
    await requireSource(plan, settings, pluginRuntime, context)
    const artifacts = { plan }
    const description = `${describePlan(plan)}${processNotice(plan)}`
    const shadowed = shadowedSettings(plan, settings, {
      plugin: pluginRuntime.env,
      shell: runtime.env,
      exec: exec?.env,
    })
    const [first] = shadowed
    if (first === undefined) return ok(description, artifacts)
    const message = `${description}; overridden: ${shadowed.map(({ setting }) => setting).join('; ')}`
    return warn(message, { remedy: first.remedy, artifacts })
  },
})

/**
 * Whether the last source of the chain has credentials, only a request can tell. Without any source, later checks would fail
 * for the same reason.
 *
 * @throws EksTokenError of the source
 */
async function requireSource(plan: Plan, settings: Settings, runtime: Runtime, context: DoctorContext): Promise<void> {
  const base = basePlan(plan)
  if (base.kind !== 'none' && base.kind !== 'instance-metadata') return
  if (distrustOf(plan, settings, runtime.env, context.runtime.env)) return
  await loadCredentials(base, createLoadContext({ useCache: false }, settings, runtime, context.deadline))
}

/** A credential_process is announced before it runs. */
function processNotice(plan: Plan): string {
  return basePlan(plan).kind === 'process' ? '; doctor runs this command to get credentials' : ''
}

export const cacheCheck = defineCheck({
  id: 'cache',
  needs: ['plan', 'pluginRuntime', 'tokenOptions'],
  remedy: 'remove the file; the credentials are then requested again',
  run: ({ plan, pluginRuntime, tokenOptions }) => {
    if (tokenOptions.useCache === false) return ok('disabled (--no-cache)')
    const isOptionRole = plan.kind === 'assume-role' && plan.profile === undefined
    const message = isOptionRole
      ? describeRoleCache(plan.roleArn, pluginRuntime)
      : describeAwsCache(plan, pluginRuntime)
    const problems = awsDirectoryProblems(pluginRuntime)
    const [first] = problems
    if (first === undefined) return ok(message)
    return warn(`${message}; ${problems.map((problem) => problem.message).join('; ')}`, { remedy: first.remedy })
  },
})

/** The entry that applies depends on the credentials that assume the role, which are not known yet. */
function describeRoleCache(roleArn: string, runtime: Runtime): string {
  const dir = rolesDir(runtime)
  if (dir === undefined) return 'not available: no home directory'
  const entries = listCacheEntries(runtime).filter(({ owner, role }) => owner === 'eks-get-token' && role === roleArn)
  const count = entries.length === 1 ? '1 entry' : `${entries.length === 0 ? 'no' : entries.length} entries`
  return `${count} for this role (${withNativeSeparators(dir)})`
}

/** The cache that is shared with the AWS CLI. */
function describeAwsCache(plan: Plan, runtime: Runtime): string {
  const { awsCacheKey } = sourceOf(plan)
  const home = runtime.homeDirectory()
  const file = awsCacheKey && home && awsCacheFile(awsCacheKey, home)
  if (!file) return 'not used: credentials from this source are local or not cached'
  if (runtime.readText(file) === undefined) return `no entry (${withNativeSeparators(file)})`
  const credentials = readCachedCredentials(file, runtime.now(), runtime.userId)
  if (!credentials?.expiration) return `expired or invalid entry, will be refreshed (${withNativeSeparators(file)})`
  const expiry = formatTime(credentials.expiration, runtime.now())
  return `${redactKeyId(credentials.accessKeyId)}, valid until ${expiry}, from ${withNativeSeparators(file)}`
}
