import { isAbsolute, join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { EksTokenError } from '../errors.ts'

/** Kubeconfig files merged as kubectl merges them: the first file that names something decides about it. */
export interface Kubeconfig {
  /** The files that were there, in their order. */
  readonly files: readonly string[]
  readonly currentContext: string | undefined
  readonly contexts: ReadonlyMap<string, Entry>
  readonly clusters: ReadonlyMap<string, Entry>
  readonly users: ReadonlyMap<string, Entry>
}

/** What a name stands for, unchecked, and the file that says so: relative paths are relative to its folder. */
export interface Entry {
  readonly value: unknown
  readonly file: string
}

/**
 * Reads and merges kubeconfig files. A file that is missing is passed over, as kubectl does, unless it is the only one.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 *
 * @param readText - the text of a file; undefined where there is none to be read
 * @throws EksTokenError `ERR_KUBECONFIG`: no file is there, or one is no kubeconfig; none of its text is quoted, because
 *   keys and tokens stand in such files
 */
export function readKubeconfig(paths: readonly string[], readText: (path: string) => string | undefined): Kubeconfig {
  const documents = paths.flatMap((file) => {
    const text = readText(file)
    return text === undefined ? [] : [{ file, value: parseYaml(text, file) }]
  })
  if (documents.length === 0) {
    throw new EksTokenError('ERR_KUBECONFIG', `there is no kubeconfig that can be read at ${paths.join(', ')}`, {
      remedy: 'make one with: aws eks update-kubeconfig --name NAME; or name it with --kubeconfig or KUBECONFIG',
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

/** `--kubeconfig`, else the list in KUBECONFIG, else the file in the home folder. */
export function kubeconfigPaths(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  homeDirectory: string | undefined,
): string[] {
  if (option) return [option]
  const listed = (env.KUBECONFIG ?? '').split(/^[A-Za-z]:\\|;/.test(env.KUBECONFIG ?? '') ? ';' : ':')
  const paths = listed.filter((path) => path !== '')
  return paths.length > 0 ? paths : [join(homeDirectory ?? '', '.kube', 'config')]
}

/** A YAML file of Kubernetes as plain data; kuberc files are read so, too. */
export function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, lineCounter })
  const [error] = document.errors
  if (!error) return toPlain(document, file)
  const { line } = lineCounter.linePos(error.pos[0])
  throw new EksTokenError('ERR_KUBECONFIG', `${file} is no YAML: line ${line} (${error.code})`, {
    remedy: 'correct the file, or name another',
  })
}

/** Aliases that unfold into more than a machine can hold are refused by the library. */
function toPlain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new EksTokenError('ERR_KUBECONFIG', `${file} is no kubeconfig: its aliases lead nowhere, or to too much`, {
      cause,
    })
  }
}

/** A path of a kubeconfig is relative to the folder of its file. */
export function resolvePath(path: string, file: string): string {
  return isAbsolute(path) ? path : join(file, '..', path)
}

export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

/** undefined also for what is no text: kubectl refuses it, too. */
export function textField(value: unknown, key: string): string | undefined {
  const text = field(value, key)
  return typeof text === 'string' ? text : undefined
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
