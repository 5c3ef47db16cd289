import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { Files, ParityCase, Step } from './case.ts'

export type Expand = (template: string) => string

export function createHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'eks-get-token-parity-'))
}

export async function writeFiles(home: string, files: ParityCase['files'], expand: Expand): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    const { content, mode } = typeof file === 'string' ? { content: file, mode: '644' } : file
    await writeBelow(home, name, expand(content))
    // Apart from writing, as the umask of whoever runs the tests would have its say.
    await chmod(join(home, name), Number.parseInt(mode, 8))
  }
}

/** What happens to the files between two runs. */
export async function changeFiles(home: string, { mutate = {}, age }: Step, expand: Expand): Promise<void> {
  for (const [name, content] of Object.entries(mutate)) {
    if (content === null) await rm(join(home, name), { force: true })
    else await writeBelow(home, name, expand(content))
  }
  if (age !== undefined) await setExpiration(join(home, age.dir), expand(age.expiration))
}

async function setExpiration(folder: string, expiration: string): Promise<void> {
  for (const file of await filesBelow(folder)) {
    if (!file.endsWith('.json')) continue
    const cached = JSON.parse(await readFile(file, 'utf8'))
    if (cached.Credentials === undefined) cached.expiresAt = expiration
    else cached.Credentials.Expiration = expiration
    await writeFile(file, JSON.stringify(cached))
  }
}

const CACHE_FOLDERS = ['.aws/cli/cache', '.aws/sso/cache', '.aws/login/cache']

/** The files in the AWS CLI's caches, but for a database of its own that nothing here depends on. */
export async function readCaches(home: string): Promise<Files> {
  const found: Files = {}
  for (const folder of CACHE_FOLDERS) {
    for (const file of await filesBelow(join(home, folder))) {
      if (file.includes('session.db')) continue
      const { mode } = await stat(file)
      found[relative(home, file)] = { mode: (mode & 0o777).toString(8), content: await readFile(file, 'utf8') }
    }
  }
  return found
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch {
    // No such folder, or a file in its place: some cases are about just that.
    return []
  }
}

async function writeBelow(home: string, name: string, content: string): Promise<void> {
  const file = join(home, name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
