import type { Runtime } from '../../runtime.ts'
import { sha256Hex } from './hash.ts'

/**
 * The directory of what only this program caches; it may not exist. What the AWS CLI caches too lies in its directories.
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

/** Credentials of the roles of `--role-arn`. */
export function rolesDir(runtime: Runtime): string | undefined {
  const dir = cacheDir(runtime)
  return dir && `${dir}/roles`
}

/** The lock file for the refresh of a file; undefined without a home directory. */
export function lockFile(file: string, runtime: Runtime): string | undefined {
  const dir = cacheDir(runtime)
  return dir && `${dir}/locks/${sha256Hex(file)}.lock`
}
