import { posix, win32 } from 'node:path'
import { EksTokenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { type Exists, kubeHome } from '../kube-home.ts'
import { type Cluster, type ConfigFile, type ContextEntry, decodeConfig, type User } from './config-types.ts'
import { FILE_PROBLEMS } from './file-errors.ts'
import { readGoYaml } from './go-yaml.ts'

/** Kubeconfig files, merged as kubectl merges them: the first file that defines a name wins. */
export interface Kubeconfig {
  /** The files that exist, in order. */
  readonly files: readonly string[]
  readonly currentContext: string | undefined
  readonly contexts: ReadonlyMap<string, Entry<ContextEntry>>
  readonly clusters: ReadonlyMap<string, Entry<Cluster>>
  readonly users: ReadonlyMap<string, Entry<User>>
}

/** A named entry, and the file that defines it: its relative paths start at that file. */
export interface Entry<T> {
  readonly value: T
  readonly file: string
}

/** The bytes of a file; undefined if it does not exist. Throws for one that cannot be read. */
export type ReadBytes = (path: string) => Uint8Array | undefined

/**
 * Loads and merges kubeconfig files as kubectl does: a missing file is ignored unless it is the one of `--kubeconfig`; any
 * other file that cannot be read or is invalid is an error, whatever the context.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/tools/clientcmd/loader.go (ClientConfigLoadingRules.Load)
 *
 * @throws EksTokenError `ERR_KUBECONFIG`; the message quotes no value from a file, which may contain keys and tokens
 */
export function readKubeconfig(paths: readonly string[], readBytes: ReadBytes): Kubeconfig {
  const files = paths.flatMap((file) => {
    const config = loadFile(file, readBytes)
    return config ? [{ file, config }] : []
  })
  if (files.length === 0) throw missingKubeconfig(paths)
  const merged = <T>(entriesOf: (config: ConfigFile) => ReadonlyMap<string, T>): Map<string, Entry<T>> => {
    const entries = new Map<string, Entry<T>>()
    for (const { file, config } of files) {
      for (const [name, value] of entriesOf(config)) if (!entries.has(name)) entries.set(name, { value, file })
    }
    return entries
  }
  return {
    files: files.map(({ file }) => file),
    currentContext: files.map(({ config }) => config.currentContext).find((name) => name !== ''),
    contexts: merged(({ contexts }) => contexts),
    clusters: merged(({ clusters }) => clusters),
    users: merged(({ users }) => users),
  }
}

export const UPDATE_COMMAND = "'eks-get-token update-kubeconfig --name NAME' (or 'aws eks update-kubeconfig')"

/** None of the files exists. */
export function missingKubeconfig(
  paths: readonly string[],
  remedy = `create one with ${UPDATE_COMMAND}, or select one with --kubeconfig FILE or KUBECONFIG`,
): EksTokenError {
  const what =
    paths.length === 1
      ? `the kubeconfig ${paths[0]} does not exist`
      : `the kubeconfigs ${paths.join(', ')} do not exist`
  return new EksTokenError('ERR_KUBECONFIG', paths.length === 0 ? 'KUBECONFIG contains no path' : what, { remedy })
}

function loadFile(file: string, readBytes: ReadBytes): ConfigFile | undefined {
  let bytes: Uint8Array | undefined
  try {
    bytes = readBytes(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined || code.startsWith('ERR_')) throw cause
    throw new EksTokenError('ERR_KUBECONFIG', `${file} cannot be read: ${FILE_PROBLEMS[code] ?? code}`, {
      cause,
      remedy:
        'make the file readable, or remove it from KUBECONFIG: kubectl requires every file that exists to be readable',
    })
  }
  return bytes && decodeConfig(readGoYaml(bytes, file), file)
}

/**
 * `--kubeconfig`, else the list in KUBECONFIG, else `.kube/config` in the home directory of kubectl. A KUBECONFIG of
 * separators only names no file at all.
 */
export function kubeconfigPaths(
  option: string | undefined,
  runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>,
  exists?: Exists,
): string[] {
  if (option) return [option]
  const isWindows = runtime.processHost.platform === 'win32'
  const { KUBECONFIG = '' } = runtime.env
  if (KUBECONFIG !== '') {
    return [...new Set(KUBECONFIG.split(isWindows ? ';' : ':').filter((path) => path !== ''))]
  }
  return [(isWindows ? win32 : posix).join(kubeHome(runtime, exists) ?? '', '.kube', 'config')]
}

/** A path in a kubeconfig is relative to the directory of the file. */
export function resolvePath(path: string, file: string, platform: string): string {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix
  return isAbsolute(path) ? path : join(file, '..', path)
}
