import { posix, win32 } from 'node:path'
import { EksTokenError } from '../../errors.ts'
import { asList, field, textField } from '../../json.ts'
import type { Runtime } from '../../runtime.ts'
import { type Exists, kubeHome } from '../kube-home.ts'
import { parseYaml } from './parse.ts'

/** Kubeconfig files, merged as kubectl merges them: the first file that defines a name wins. */
export interface Kubeconfig {
  /** The files that exist, in order. */
  readonly files: readonly string[]
  readonly currentContext: string | undefined
  readonly contexts: ReadonlyMap<string, Entry>
  readonly clusters: ReadonlyMap<string, Entry>
  readonly users: ReadonlyMap<string, Entry>
}

/** The unvalidated value of a named entry, and the file that defines it: its relative paths start at that file. */
export interface Entry {
  readonly value: unknown
  readonly file: string
}

/**
 * Reads and merges kubeconfig files. A missing file is ignored, as in kubectl, unless no other file exists.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 *
 * @param readText - returns the text of a file, or undefined when it cannot be read
 * @throws EksTokenError `ERR_KUBECONFIG` when no file can be read or one is invalid; the message quotes nothing from the
 *   file, which may contain keys and tokens
 */
export function readKubeconfig(paths: readonly string[], readText: (path: string) => string | undefined): Kubeconfig {
  const documents = paths.flatMap((file) => {
    const text = readText(file)
    return text === undefined ? [] : [{ file, value: parseYaml(text, file) }]
  })
  if (documents.length === 0) {
    throw new EksTokenError('ERR_KUBECONFIG', `no readable kubeconfig at ${paths.join(', ')}`, {
      remedy:
        "create one with 'aws eks update-kubeconfig --name NAME', or select one with --kubeconfig FILE or KUBECONFIG",
    })
  }
  const merged = (list: string, key: string): Map<string, Entry> => {
    const entries = new Map<string, Entry>()
    for (const { file, value } of documents) {
      for (const item of asList(field(value, list))) {
        const name = field(item, 'name')
        if (typeof name === 'string' && !entries.has(name)) entries.set(name, { value: field(item, key), file })
      }
    }
    return entries
  }
  return {
    files: documents.map(({ file }) => file),
    currentContext: documents.map(({ value }) => textField(value, 'current-context')).find((name) => name),
    contexts: merged('contexts', 'context'),
    clusters: merged('clusters', 'cluster'),
    users: merged('users', 'user'),
  }
}

/** `--kubeconfig`, else the list in KUBECONFIG, else `.kube/config` in the home directory of kubectl. */
export function kubeconfigPaths(
  option: string | undefined,
  runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>,
  exists?: Exists,
): string[] {
  if (option) return [option]
  const isWindows = runtime.processHost.platform === 'win32'
  const paths = (runtime.env.KUBECONFIG ?? '').split(isWindows ? ';' : ':').filter((path) => path !== '')
  if (paths.length > 0) return paths
  return [(isWindows ? win32 : posix).join(kubeHome(runtime, exists) ?? '', '.kube', 'config')]
}

/** A path in a kubeconfig is relative to the directory of the file. */
export function resolvePath(path: string, file: string, platform: string): string {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix
  return isAbsolute(path) ? path : join(file, '..', path)
}
