import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { attempt } from '../../errors.ts'
// Owners and modes exist where shells are POSIX shells.
import { shellQuote } from '../../python/shlex.ts'
import type { Runtime } from '../../runtime.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import { awsCacheDir, loginCacheDir, ssoCacheDir } from './paths.ts'

/** A file or directory that other users can change, and how to correct it. */
export interface PermissionProblem {
  readonly path: string
  readonly kind: 'world-writable' | 'group-writable' | 'foreign-owner'
  readonly message: string
  readonly remedy: string
}

/**
 * Why a directory cannot hold files that only this user may write; undefined: it can. It is a directory, not a link to one,
 * that only this user can write, and no other user can put another one in its place: each directory above it belongs to the
 * user or to root, and is not world-writable, or sticky, as those for temporary files are. The group may write those above it (umask 002).
 *
 * @param userId - undefined on Windows, where a directory inherits the access control list of the user's profile, and mode
 *   bits have no meaning
 * @throws an error of `lstat` or `stat`
 */
export function privateDirProblem(directory: string, userId: number | undefined): string | undefined {
  const stats = lstatSync(directory)
  if (!stats.isDirectory())
    return `${withNativeSeparators(directory)} is not a private directory, but a symbolic link or a file`
  if (userId === undefined) return undefined
  if (!isPrivate(stats, userId))
    return `${directory} is not a private directory: other users can write to it (${describe(stats)})`
  const parents = new Set([...parentsOf(directory), ...parentsOf(realpathSync(directory))])
  for (const parent of parents) {
    const { uid, mode } = statSync(parent)
    const isShared = (mode & 0o002) !== 0 && (mode & 0o1000) === 0
    if (!isShared && (uid === userId || uid === 0 || isUnmapped(uid))) continue
    return `other users can replace ${directory}, because they can write to ${parent} (${describe({ uid, mode })})`
  }
  return undefined
}

/** @throws an error of `lstat` or `stat` */
export function isPrivateDir(directory: string, userId: number | undefined): boolean {
  return privateDirProblem(directory, userId) === undefined
}

function describe({ uid, mode }: { uid: number; mode: number }): string {
  return `user id ${uid}, mode ${formatMode(mode)}`
}

function parentsOf(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...parentsOf(parent)]
}

/** https://man7.org/linux/man-pages/man7/user_namespaces.7.html: the owner of what belongs to a user outside, root among them */
const OVERFLOW_USER_ID = 65534

/** Whether a user id is that of users outside of this container, who have no id in it. */
function isUnmapped(uid: number): boolean {
  if (uid !== OVERFLOW_USER_ID) return false
  const map = attempt(() => readFileSync('/proc/self/uid_map', 'latin1')) ?? ''
  const ranges = map.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return map !== '' && !ranges.some(([first = 0, , count = 0]) => uid >= first && uid < first + count)
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
 * As {@link worldWritableProblem}, for the directories of a file of the AWS CLI, which users could
 * replace: its own one, and those up to `~/.aws` that are not sticky.
 *
 * @throws an error of `stat`
 */
export function sharedDirProblem(file: string, userId: number | undefined): PermissionProblem | undefined {
  const directory = dirname(file)
  const parent = dirname(directory)
  const directories = basename(dirname(parent)) === '.aws' ? [parent, dirname(parent)] : []
  return worldWritableProblem(directory, userId) ?? directories.map((path) => replaceable(path, userId)).find(Boolean)
}

/** Nobody else can replace what is in a sticky directory, such as a mounted tmpfs. */
function replaceable(path: string, userId: number | undefined): PermissionProblem | undefined {
  return (statSync(path).mode & 0o1000) === 0 ? worldWritableProblem(path, userId) : undefined
}

/**
 * The directories of the AWS CLI's caches and logins that other users can write, or that belong to another user. Those
 * that are world-writable are not used; the others are, as by the AWS CLI.
 */
export function awsDirectoryProblems(runtime: Runtime): readonly PermissionProblem[] {
  const { userId } = runtime
  const home = runtime.homeDirectory()
  if (userId === undefined || home === undefined) return []
  const caches = [awsCacheDir(home), ssoCacheDir(home), loginCacheDir(runtime)]
  const aws = `${home}/.aws`
  const parents = caches.map((path) => dirname(path)).filter((path) => dirname(path) === aws)
  const ofParents = parents.flatMap((path) => attempt(() => replaceable(path, userId)) ?? [])
  const ofOthers = [aws, ...caches].flatMap((path) => {
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
  return [...ofParents, ...ofOthers]
}

function formatMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
