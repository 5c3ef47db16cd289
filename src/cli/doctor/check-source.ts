import { basename } from 'node:path'
import { awsCacheFile, readCachedCredentials } from '../../credentials/cache.ts'
import { cacheEntries } from '../../credentials/cache-folder.ts'
import { ourFolder, rolesFolder } from '../../credentials/our-folder.ts'
import { makePlan, type Plan } from '../../credentials/plan.ts'
import { readSharedFiles } from '../../settings/profiles.ts'
import { decideSettings } from '../../settings/settings.ts'
import { splitWords } from '../../settings/words.ts'
import { duration } from '../moments.ts'
import { type Chain, type Check, type Finding, need, ok, warn } from './chain.ts'
import { overridden } from './overridden.ts'

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

function checkProfile(chain: Chain): Finding {
  const { host } = chain
  const settings = decideSettings(need(chain, 'tokenOptions'), host.env, readSharedFiles(host))
  chain.found.settings = settings
  const { profile, region } = settings
  const where = region ? `region ${region.value} (${region.from})` : 'no region'
  return ok(`${profile.name} (${profile.chosenBy}), ${where}`)
}

function checkSource(chain: Chain): Finding {
  const settings = need(chain, 'settings')
  const plan = makePlan(settings, need(chain, 'tokenOptions'), chain.host)
  chain.found.plan = plan
  const { exec } = chain.found
  const lost = overridden(plan, settings, chain.host.env, chain.shell, exec?.env ?? {})
  const [first] = lost
  if (first === undefined) return ok(described(plan))
  const finding = `${described(plan)}; overridden: ${lost.map(({ what }) => what).join('; ')}`
  return warn(finding, first.remedy)
}

/** Without a secret: the words of a `credential_process` may hold one, its name does not. */
function described(plan: Plan): string {
  switch (plan.kind) {
    case 'assume-role':
      return `role ${plan.roleArn} (${plan.why}), assumed with: ${described(plan.source)}`
    case 'web-identity':
      return `role ${plan.roleArn} with the token in ${plan.tokenFile} (${plan.why})`
    case 'process':
      return `credential_process '${programOf(plan.command)}', which is started now (${plan.why})`
    case 'sso':
      return `IAM Identity Center, account ${plan.accountId}, role ${plan.roleName} (${plan.why})`
    case 'login':
      return `'aws login' of ${plan.session} (${plan.why})`
    case 'environment':
      return `keys in the environment (${plan.why})`
    default:
      return `${plan.kind} (${plan.why})`
  }
}

function programOf(command: string): string {
  const [program = ''] = splitWords(command) ?? []
  return basename(program)
    .replace(/[=\s][\s\S]*$/, '…')
    .slice(0, 80)
}

function checkCache(chain: Chain): Finding {
  const plan = need(chain, 'plan')
  const { host } = chain
  if (need(chain, 'tokenOptions').useCache === false) return ok('switched off (--no-cache)')
  if (plan.kind === 'assume-role' && plan.profile === undefined) {
    const folder = ourFolder(host, host.machine)
    if (folder === undefined) return ok('no place for one: there is no home folder')
    // Which of them is used depends on who assumes the role: that is part of its name.
    const ours = cacheEntries(host, host.machine).filter(
      ({ owner, role }) => owner === 'eks-get-token' && role === plan.roleArn,
    )
    const kept = ours.length === 0 ? 'no session of this role yet' : `${ours.length} of this role`
    return ok(`our own: ${kept} (${rolesFolder(folder)})`)
  }
  const file = awsCacheFile(plan, host.homeDirectory())
  if (file === undefined) return ok('not used: these credentials are at hand, or asked for each time')
  if (host.readText(file) === undefined) return ok(`empty so far (${file})`)
  const found = readCachedCredentials(file, host.now(), host.userId)
  if (!found?.expiration) return ok(`of no use any more, so it is fetched anew (${file})`)
  const seconds = (found.expiration.getTime() - host.now().getTime()) / 1000
  return ok(`${found.accessKeyId}, for ${duration(seconds)} (${file})`)
}
