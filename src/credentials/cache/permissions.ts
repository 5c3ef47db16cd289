import { lstatSync, statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import { shellQuote } from '../../python/shlex.ts'
import type { Runtime } from '../../runtime.ts'
import { awsCacheDir, loginCacheDir, ssoCacheDir } from './paths.ts'

/** A file or directory that other users can change, and how to correct it. */
export interface PermissionProblem {
  readonly path: string
  readonly kind: 'world-writable' | 'group-writable' | 'foreign-owner'
  readonly message: string
  readonly remedy: string
}

/**
 * True for a directory, not a link to one, that only this user can write.
 *
 * @param userId - undefined on Windows, where a directory inherits the access control list of the user's profile, and mode
 *   bits have no meaning
 * @throws an error of `lstat`
 */
export function isPrivateDir(directory: string, userId: number | undefined): boolean {
  const stats = lstatSync(directory)
  return stats.isDirectory() && isPrivate(stats, userId)
}

/** True for mode and owner of a file or directory that only this user can write. */
export function isPrivate({ uid, mode }: { uid: number; mode: number }, userId: number | undefined): boolean {
  return userId === undefined || (uid === userId && (mode & 0o022) === 0)
}

/**
 * The problem of a file or directory of the AWS CLI that every user can write; its sticky bit makes no difference. Group
 * permissions (umask 002) and other owners (a mounted home directory) are accepted, as by the AWS CLI.
 *
 * @throws an error of `stat`
 */
export function worldWritableProblem(path: string, userId: number | undefined): PermissionProblem | undefined {
  const { mode } = statSync(path)
  if (userId === undefined || (mode & 0o002) === 0) return undefined
  return {
    path,
    kind: 'world-writable',
    message: `${path} is world-writable (mode ${formatMode(mode)})`,
    remedy: `run: chmod o-w ${shellQuote(path)}`,
  }
}

/**
 * The directories of the AWS CLI's caches and logins that other users can write, or that belong to another user. Those
 * that are world-writable are not used; the others are, as by the AWS CLI.
 */
export function awsDirectoryProblems(runtime: Runtime): readonly PermissionProblem[] {
  const { userId } = runtime
  const home = runtime.homeDirectory()
  if (userId === undefined || home === undefined) return []
  const directories = [`${home}/.aws`, awsCacheDir(home), ssoCacheDir(home), loginCacheDir(runtime)]
  return directories.flatMap((path) => {
    const stats = attempt(() => statSync(path))
    if (!stats?.isDirectory()) return []
    const worldWritable = worldWritableProblem(path, userId)
    if (worldWritable) return [worldWritable]
    const problems: PermissionProblem[] = []
    if ((stats.mode & 0o020) !== 0) {
      problems.push({
        path,
        kind: 'group-writable',
        message: `${path} is group-writable (mode ${formatMode(stats.mode)})`,
        remedy: `if the group has other members, run: chmod g-w ${shellQuote(path)}`,
      })
    }
    if (stats.uid !== userId) {
      problems.push({
        path,
        kind: 'foreign-owner',
        message: `${path} belongs to user id ${stats.uid}, not to the current user ${userId}`,
        remedy: `if that is not intended, run: chown -R ${userId} ${shellQuote(path)}`,
      })
    }
    return problems
  })
}

function formatMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
