import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { systemProgram } from './program-path.ts'

/** The number of rounds after which a process tree that still grows is no longer followed. */
const MAX_ROUNDS = 10

/**
 * Kills a process with all its descendants. Each is stopped before its children are looked up, so that it cannot start
 * others meanwhile. A descendant whose parent has exited is found only if the tree is a process group of its own.
 *
 * @param isGroup - whether the root is the leader of a process group
 */
export function killTree(
  root: number,
  { isGroup }: { readonly isGroup: boolean },
  { env, processHost: host }: Pick<Runtime, 'env' | 'processHost'>,
): void {
  if (host.platform === 'win32') {
    // Windows keeps no list of children: the tree is looked up before its root has ended.
    const taskkill = systemProgram('taskkill.exe', env)
    attempt(() => execFileSync(taskkill, ['/F', '/T', '/PID', `${root}`], { stdio: 'ignore', timeout: 2000 }))
    host.kill(root, 'SIGKILL')
    return
  }
  const tree = new Set([root])
  host.kill(root, 'SIGSTOP')
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = listProcesses(host.platform).filter(({ id, parent }) => tree.has(parent) && !tree.has(id))
    if (found.length === 0) break
    for (const { id } of found) {
      tree.add(id)
      host.kill(id, 'SIGSTOP')
    }
  }
  for (const id of tree) host.kill(id, 'SIGKILL')
  if (isGroup) host.kill(-root, 'SIGKILL')
}

interface ProcessEntry {
  readonly id: number
  readonly parent: number
}

function listProcesses(platform: string): readonly ProcessEntry[] {
  if (platform === 'linux') {
    return (attempt(() => readdirSync('/proc')) ?? [])
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => attempt(() => [{ id: Number(name), parent: parentOf(name) }]) ?? [])
  }
  const table = attempt(() => execFileSync('/bin/ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', timeout: 2000 }))
  return (table ?? '').split('\n').flatMap((line) => {
    const [id = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
    return id > 0 ? [{ id, parent }] : []
  })
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name, in parentheses, may contain spaces */
function parentOf(processId: string): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
