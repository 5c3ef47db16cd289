import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runEksGetToken } from '../test/support/command.ts'
import { awsLogin, signerOf, ssoLogin } from '../test/support/temporary-home.ts'
import { type Group, IDENTITIES, type Lab, withAwsHome } from './lab.ts'

const DISK_BYTES = 64 * 1024
const PAGE_BYTES = 4096
/** Pages that are free when the program starts. */
const FREE_PAGES = [0, 1, 2, 3, 4, 6]

/** A file system of 64 KB as the home directory, or as the cache directory, with less and less space. */
export const fullDisk: Group = async (lab) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root can mount a tmpfs'
  const disk = mkdtempSync(join(tmpdir(), 'eks-get-token-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    rmdirSync(disk)
    return `mount fails: ${String((error as { stderr?: unknown }).stderr).trim()}`
  }
  try {
    for (const place of ['HOME', 'XDG_CACHE_HOME'] as const) {
      for (const pages of FREE_PAGES) {
        for (const identity of IDENTITIES) await attempt(lab, disk, place, pages, identity)
      }
    }
  } finally {
    execFileSync('umount', ['-l', disk])
    rmdirSync(disk)
  }
  return undefined
}

async function attempt(
  lab: Lab,
  disk: string,
  place: 'HOME' | 'XDG_CACHE_HOME',
  pages: number,
  { args, signer }: (typeof IDENTITIES)[number],
): Promise<void> {
  const { report } = lab
  await withAwsHome(lab, async (_aws, home) => {
    const logins = [ssoLogin('corp', -60), awsLogin(60)]
    for (const [name, text] of logins) home.write(name, text)
    const folder = place === 'HOME' ? disk : home.folder
    if (place === 'HOME') execFileSync('cp', ['-r', `${home.folder}/.`, disk])
    fill(disk, pages)
    report.expect(freePages(disk) === pages, `${pages} pages were to be free`, `${freePages(disk)} are`)
    const env = { ...home.env, [place]: disk }
    const result = await runEksGetToken(['--cluster-name', 'demo', ...args], { env, cwd: home.folder })
    const title = `${place}, ${pages} pages free, ${args.join(' ')}`
    report.count('runs')
    report.max('longest (s)', result.seconds)
    report.expect(result.code === 0 && result.stderr === '', `${title} fails`, result)
    if (result.code === 0) report.expect(signerOf(result) === signer, `${title} is signed by`, signerOf(result))
    for (const [name, before] of logins) {
      const text = readFileSync(join(folder, name), 'utf8')
      const isComplete = text.length > before.length / 2 && isJson(text) && /"refreshToken": ?"\w+/.test(text)
      report.count('logins read')
      if (text !== before) report.count('of these refreshed')
      report.expect(isComplete, `${title}: the login is damaged`, `${text.length} bytes`)
    }
    execFileSync('find', [disk, '-mindepth', '1', '-delete'])
  })
}

function freePages(disk: string): number {
  const { bfree, bsize } = statfsSync(disk)
  return (bfree * bsize) / PAGE_BYTES
}

/** Leaves so many pages free. */
function fill(disk: string, pages: number): void {
  const filler = join(disk, 'filler')
  for (let size = DISK_BYTES; size > 0; size -= PAGE_BYTES) {
    try {
      writeFileSync(filler, Buffer.alloc(size))
      rmSync(filler)
      writeFileSync(filler, Buffer.alloc(Math.max(size - pages * PAGE_BYTES, 0)))
      return
    } catch {
      rmSync(filler, { force: true })
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
