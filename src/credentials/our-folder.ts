import type { FileSystem } from '../settings/profiles.ts'
import type { Machine } from './machine.ts'

/**
 * The folder of what only this program keeps; it need not exist. What the AWS CLI keeps, too, lies in its folders.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (a relative XDG_CACHE_HOME does not count)
 *
 * @returns undefined where there is no place for one: no home
 */
export function ourFolder({ env, homeDirectory }: FileSystem, { platform }: Machine): string | undefined {
  if (env.XDG_CACHE_HOME?.startsWith('/')) return `${env.XDG_CACHE_HOME}/eks-get-token`
  if (platform === 'win32' && env.LOCALAPPDATA) return `${env.LOCALAPPDATA}/eks-get-token`
  const home = homeDirectory()
  if (!home) return undefined
  return `${home}/${platform === 'darwin' ? 'Library/Caches' : '.cache'}/eks-get-token`
}

/** Locks of {@link oneAtATime}. */
export function locksFolder(folder: string): string {
  return `${folder}/locks`
}

/** Credentials of `--role-arn`. */
export function rolesFolder(folder: string): string {
  return `${folder}/roles`
}
