import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why nothing can be mounted here; undefined: it can. */
export function whyNoMount(): string | undefined {
  if (process.platform !== 'linux') return 'mounts are tested on Linux only'
  const directory = mkdtempSync(join(tmpdir(), 'eks-get-token-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', directory], { stdio: 'ignore' })
    execFileSync('umount', [directory])
    return undefined
  } catch {
    return 'only root can mount a tmpfs'
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
