import { expandPath } from '../../python/expand.ts'
import type { Runtime } from '../../runtime.ts'
import { sha256Hex } from './hash.ts'

/**
 * The cache directory of this program, which may not exist. What the AWS CLI caches is stored in its directories instead.
 * https://specifications.freedesktop.org/basedir-spec/0.8/ (a relative XDG_CACHE_HOME is ignored)
 *
 * @returns undefined without a home directory
 */
export function cacheDir({ env, homeDirectory, processHost: { platform } }: Runtime): string | undefined {
  if (env.XDG_CACHE_HOME?.startsWith('/')) return `${env.XDG_CACHE_HOME}/eks-get-token`
  if (platform === 'win32' && env.LOCALAPPDATA) return `${env.LOCALAPPDATA}/eks-get-token`
  const home = homeDirectory()
  if (!home) return undefined
  return `${home}/${platform === 'darwin' ? 'Library/Caches' : '.cache'}/eks-get-token`
}

/** The role cache: credentials of the roles of `--role-arn`. */
export function rolesDir(runtime: Runtime): string | undefined {
  const dir = cacheDir(runtime)
  return dir && `${dir}/roles`
}

/** The lock for the refresh of a file; undefined without a cache directory. */
export function lockFile(file: string, runtime: Runtime): string | undefined {
  const dir = cacheDir(runtime)
  return dir && `${dir}/locks/${sha256Hex(file)}.lock`
}

/** The AWS CLI's cache of credentials. */
export function awsCacheDir(homeDirectory: string): string {
  return `${homeDirectory}/.aws/cli/cache`
}

/** The logins of `aws sso login`. */
export function ssoCacheDir(homeDirectory: string): string {
  return `${homeDirectory}/.aws/sso/cache`
}

/** The logins of `aws login`. */
export function loginCacheDir(runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>): string {
  return expandPath(runtime.env.AWS_LOGIN_CACHE_DIRECTORY || '~/.aws/login/cache', runtime)
}
