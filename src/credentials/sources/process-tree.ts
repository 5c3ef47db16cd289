import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { systemProgram } from './program-path.ts'

/** The number of rounds after which a process tree that still grows is no longer followed. */
const MAX_ROUNDS = 10

/** A descendant whose parent exits sooner is recognized by its streams or its process group only. */
const FOLLOW_MS = 50

/** A process with all its descendants. */
export interface ProcessTree {
  /**
   * Kills all of it. Each process is stopped before its children are looked up, so that it cannot start others meanwhile.
   *
   * @param hasRoot - whether the root has not ended; afterwards its process id may belong to another process
   */
  readonly kill: (hasRoot: boolean) => void
  /** Stops looking for new descendants. */
  readonly release: () => void
}

/**
 * Follows the descendants of a process that was just started. If they are a process group of their own, the kernel does. On
 * a terminal they share the group of this process, and nothing tells where a process comes from whose parent has exited.
 * There, on Linux, a process belongs to the tree
 *
 * - if it was seen while its parent was in the tree,
 * - if it has the stdout or stderr of the root,
 * - or if it is an orphan in this process group that is not older than the root: with the same exec info, or if the group
 *   has no member that an orphan could come from instead.
 *
 * A process that has left the group too (`setsid`) and all of that before it was seen is a daemon, and stays.
 *
 * @param isGroup - whether the root is the leader of a process group
 */
export function followTree(
  root: number,
  { isGroup }: { readonly isGroup: boolean },
  { env, processHost: host }: Pick<Runtime, 'env' | 'processHost'>,
): ProcessTree {
  const isFollowed = host.platform === 'linux' && !isGroup
  /** Process ids, and when the processes started: ids are reused. */
  const tree = new Map<number, number>()
  const rootEntry = isFollowed ? attempt(() => readEntry(root)) : undefined
  const streams = isFollowed ? streamsOf(root) : []
  tree.set(root, rootEntry?.started ?? 0)
  const timer = isFollowed ? setInterval(() => addChildren(tree), FOLLOW_MS) : undefined
  timer?.unref()

  const findMembers = (): readonly ProcessEntry[] => {
    const entries = listProcesses(host.platform)
    for (const { id, started } of entries) if (tree.has(id) && tree.get(id) !== started) tree.delete(id)
    const isOrphan = rootEntry ? orphanTest(entries, tree, rootEntry, host.processId, env) : () => false
    const hasStream = ({ id }: ProcessEntry) =>
      streams.length > 0 && streamsOf(id).some((name) => streams.includes(name))
    return entries.filter(
      (entry) =>
        entry.id !== host.processId &&
        !tree.has(entry.id) &&
        (tree.has(entry.parent) || isOrphan(entry) || hasStream(entry)),
    )
  }
  const killWindows = (): void => {
    // Windows keeps no list of children: the tree is looked up before its root has ended.
    const taskkill = systemProgram('taskkill.exe', env)
    attempt(() => execFileSync(taskkill, ['/F', '/T', '/PID', `${root}`], { stdio: 'ignore', timeout: 2000 }))
    host.kill(root, 'SIGKILL')
  }
  const kill = (hasRoot: boolean): void => {
    clearInterval(timer)
    if (hasRoot && host.platform === 'win32') killWindows()
    else if (hasRoot) host.kill(root, 'SIGSTOP')
    else tree.delete(root)
    if (host.platform === 'win32') return
    for (let round = 0; round < MAX_ROUNDS && (hasRoot || isFollowed); round++) {
      const found = findMembers()
      for (const { id, started } of found) tree.set(id, started)
      for (const id of tree.keys()) host.kill(id, 'SIGSTOP')
      if (found.length === 0) break
    }
    for (const id of tree.keys()) host.kill(id, 'SIGKILL')
    if (isGroup) host.kill(-root, 'SIGKILL')
  }
  return { kill, release: () => clearInterval(timer) }
}

interface ProcessEntry {
  readonly id: number
  readonly parent: number
  /** On Linux, else 0. */
  readonly group: number
  readonly session: number
  /** In clock ticks since boot. */
  readonly started: number
}

function listProcesses(platform: string): readonly ProcessEntry[] {
  if (platform === 'linux') {
    return (attempt(() => readdirSync('/proc')) ?? [])
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => attempt(() => [readEntry(Number(name))]) ?? [])
  }
  const table = attempt(() => execFileSync('/bin/ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', timeout: 2000 }))
  return (table ?? '').split('\n').flatMap((line) => {
    const [id = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
    return id > 0 ? [{ id, parent, group: 0, session: 0, started: 0 }] : []
  })
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name, in parentheses, may contain spaces */
function readEntry(id: number): ProcessEntry {
  const stat = readFileSync(`/proc/${id}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [, parent = 0, group = 0, session = 0] = fields.slice(0, 4).map(Number)
  return { id, parent, group, session, started: Number(fields[19]) }
}

/** Adds the children of all threads. https://man7.org/linux/man-pages/man5/proc_tid_children.5.html */
function addChildren(tree: Map<number, number>): void {
  // What is added here is also visited.
  for (const id of tree.keys()) {
    const threads = attempt(() => readdirSync(`/proc/${id}/task`)) ?? []
    const children = threads.map((thread) =>
      attempt(() => readFileSync(`/proc/${id}/task/${thread}/children`, 'latin1')),
    )
    for (const child of children.join(' ').split(' ').filter(Boolean).map(Number)) {
      const entry = attempt(() => readEntry(child))
      if (entry?.parent === id) tree.set(child, entry.started)
    }
  }
}

/** Names such as `socket:[4711]` of the stdout and stderr of a process. */
function streamsOf(id: number): readonly string[] {
  return [1, 2].flatMap((descriptor) => attempt(() => readlinkSync(`/proc/${id}/fd/${descriptor}`)) ?? [])
}

/** A process whose parent has exited has one in another session in its place: init, or the manager of the session. */
function orphanTest(
  entries: readonly ProcessEntry[],
  tree: ReadonlyMap<number, number>,
  root: ProcessEntry,
  self: number,
  env: Runtime['env'],
): (entry: ProcessEntry) => boolean {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const ancestors = new Set<number>()
  for (let entry = byId.get(self); entry && !ancestors.has(entry.id); entry = byId.get(entry.parent)) {
    ancestors.add(entry.id)
  }
  const isOrphan = ({ parent, session }: ProcessEntry): boolean => byId.get(parent)?.session !== session
  const members = entries.filter(({ id, group }) => group === root.group && !tree.has(id) && !ancestors.has(id))
  const hasOthers = members.some((entry) => !isOrphan(entry) && !tree.has(entry.parent))
  const { KUBERNETES_EXEC_INFO: execInfo } = env
  const hasExecInfo = (id: number): boolean =>
    Boolean(execInfo) &&
    (attempt(() => readFileSync(`/proc/${id}/environ`, 'utf8')) ?? '').includes(`KUBERNETES_EXEC_INFO=${execInfo}\0`)
  return (entry) =>
    members.includes(entry) && isOrphan(entry) && entry.started >= root.started && (!hasOthers || hasExecInfo(entry.id))
}
