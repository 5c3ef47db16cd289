import { attempt } from '../errors.ts'

/** Node cannot read the registry: a program of Windows does, once for each key. */
export function registryReader(): (key: string) => ReadonlyMap<string, string> {
  const keys = new Map<string, ReadonlyMap<string, string>>()
  return (key) => {
    const known = keys.get(key)
    if (known) return known
    const values = process.platform === 'win32' ? parseRegistry(attempt(() => queryRegistry(key)) ?? '') : new Map()
    keys.set(key, values)
    return values
  }
}

function queryRegistry(key: string): string | undefined {
  const program = `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\reg.exe`
  // Not imported: that would take a millisecond of every run.
  const childProcess = process.getBuiltinModule?.('node:child_process')
  return childProcess?.execFileSync(program, ['query', key], { encoding: 'utf8', timeout: 5000, stdio: 'pipe' })
}

/** Lines of `reg query`: four spaces, the name, the type and the value. */
function parseRegistry(output: string): ReadonlyMap<string, string> {
  const lines = output.matchAll(/^ {4}(\S+) +REG_\w+ +(.*?)\r?$/gm)
  return new Map([...lines].map(([, name = '', value = '']) => [name, value]))
}
