import { resolveSettings } from '../../../create-token.ts'
import { awsCacheFile, readCachedCredentials } from '../../../credentials/cache/aws-cache.ts'
import { listCacheEntries } from '../../../credentials/cache/list.ts'
import { rolesDir } from '../../../credentials/cache/paths.ts'
import { makePlan } from '../../../credentials/plan/index.ts'
import { describePlan, sourceOf } from '../../../credentials/sources/registry.ts'
import { formatDuration } from '../../time-format.ts'
import { type Check, type DoctorContext, type Finding, ok, requireArtifact, warn } from './context.ts'
import { shadowedSettings } from './shadowed-settings.ts'

export const SOURCE_CHECKS: readonly Check[] = [
  {
    id: 'profile',
    needs: ['tokenOptions'],
    run: checkProfile,
    remedy: 'correct the profile, or name another in env: or args: of the exec block',
  },
  { id: 'source', needs: ['settings'], run: checkSource, remedy: 'correct the settings that are named' },
  { id: 'cache', needs: ['plan'], run: checkCache, remedy: 'remove the file: it is fetched anew' },
]

async function checkProfile(context: DoctorContext): Promise<Finding> {
  const settings = await resolveSettings(
    requireArtifact(context, 'tokenOptions'),
    requireArtifact(context, 'pluginRuntime'),
  )
  const { profile, region } = settings
  const where = region ? `region ${region.value} (${region.source})` : 'no region'
  return ok(`${profile.name} (${profile.source}), ${where}`, { settings })
}

function checkSource(context: DoctorContext): Finding {
  const runtime = requireArtifact(context, 'pluginRuntime')
  const settings = requireArtifact(context, 'settings')
  const plan = makePlan(settings, requireArtifact(context, 'tokenOptions'), runtime)
  const { exec } = context.found
  const lost = shadowedSettings(plan, settings, runtime.env, context.runtime.env, exec?.env ?? {})
  const [first] = lost
  if (first === undefined) return ok(describePlan(plan), { plan })
  const finding = `${describePlan(plan)}; overridden: ${lost.map(({ what }) => what).join('; ')}`
  return warn(finding, first.remedy, { plan })
}

function checkCache(context: DoctorContext): Finding {
  const plan = requireArtifact(context, 'plan')
  const runtime = requireArtifact(context, 'pluginRuntime')
  if (requireArtifact(context, 'tokenOptions').useCache === false) return ok('switched off (--no-cache)')
  if (plan.kind === 'assume-role' && plan.profile === undefined) {
    const dir = rolesDir(runtime)
    if (dir === undefined) return ok('none: there is no home directory')
    // Which of them is used depends on who assumes the role: that is part of its name.
    const ours = listCacheEntries(runtime).filter(
      ({ owner, role }) => owner === 'eks-get-token' && role === plan.roleArn,
    )
    const kept = ours.length === 0 ? 'no session of this role yet' : `${ours.length} of this role`
    return ok(`our own: ${kept} (${dir})`)
  }
  const { awsCacheKey } = sourceOf(plan)
  const home = runtime.homeDirectory()
  const file = awsCacheKey && home && awsCacheFile(awsCacheKey, home)
  if (!file) return ok('not used: these credentials are at hand, or asked for each time')
  if (runtime.readText(file) === undefined) return ok(`empty so far (${file})`)
  const found = readCachedCredentials(file, runtime.now(), runtime.userId)
  if (!found?.expiration) return ok(`of no use any more, so it is fetched anew (${file})`)
  const seconds = (found.expiration.getTime() - runtime.now().getTime()) / 1000
  return ok(`${found.accessKeyId}, for ${formatDuration(seconds)} (${file})`)
}
