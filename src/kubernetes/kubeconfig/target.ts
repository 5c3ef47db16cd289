import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { attempt, EksTokenError } from '../../errors.ts'
import type { Values } from '../../json.ts'
import { readWithoutWaiting } from '../../process/read-when-ready.ts'
import { expandHome } from '../../python/expand.ts'
import { homeVariable, type Runtime } from '../../runtime.ts'
import { fileError, type KubeconfigRules } from './file-errors.ts'
import { NamedEntries } from './named-entries.ts'
import { parseSource } from './parse.ts'
import type { SourceDocument } from './source.ts'
import { checkKubeconfig } from './validate.ts'

/** A kubeconfig that is to be edited. */
export interface KubeconfigFile {
  readonly path: string
  readonly rules: KubeconfigRules
  /** undefined: the file does not exist. */
  readonly bytes: Uint8Array | undefined
  readonly source: SourceDocument
  /** null: the file is missing or empty. */
  readonly config: Values | null
}

/**
 * The file that the AWS CLI writes to: `--kubeconfig`; else the first in KUBECONFIG that has the cluster, else the first; else
 * `~/.kube/config`. During the search for a file with the cluster, files that cannot be read are skipped.
 *
 * @param option - one path, also with colons in it
 * @param clusterNames - names of cluster entries, any of which matches
 * @throws EksTokenError `ERR_KUBECONFIG` for a file that cannot be read or edited
 */
export function findTarget(
  option: string | undefined,
  clusterNames: readonly string[],
  runtime: Runtime,
): KubeconfigFile {
  const paths = candidatePaths(option, runtime)
  const [first = ''] = paths
  if (paths.length > 1) {
    for (const path of paths) {
      const file = attempt(() => readKubeconfigFile(path))
      const existing = new NamedEntries(file?.config ?? null)
      if (file && clusterNames.some((name) => existing.has('clusters', name))) return file
    }
  }
  return readKubeconfigFile(first)
}

/** `--kubeconfig`, else the files in KUBECONFIG, else `~/.kube/config`; absolute. */
export function candidatePaths(option: string | undefined, runtime: Runtime): string[] {
  const { env, processHost } = runtime
  if (option !== undefined) return [absolutePath(option, runtime)]
  const separator = processHost.platform === 'win32' ? ';' : ':'
  const paths = (env.KUBECONFIG ?? '').split(separator).filter((path) => path.trim() !== '')
  // As a path in the working directory, `~` would be another file wherever the program is started.
  if (paths.length === 0 && expandHome('~', runtime) === '~') {
    throw new EksTokenError(
      'ERR_KUBECONFIG',
      'the default kubeconfig ~/.kube/config cannot be located: there is no home directory',
      {
        remedy: `set ${homeVariable(processHost)}, or select a file with --kubeconfig FILE or KUBECONFIG`,
      },
    )
  }
  return (paths.length > 0 ? paths : ['~/.kube/config']).map((path) => absolutePath(path, runtime))
}

/** `~` is expanded, variables are not. */
function absolutePath(path: string, runtime: Runtime): string {
  return resolve(expandHome(path, runtime))
}

/**
 * Reads a kubeconfig for editing. A missing file is an empty one.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export function readKubeconfigFile(path: string, rules: KubeconfigRules = 'aws-cli'): KubeconfigFile {
  return parseKubeconfigFile({ path, rules }, readBytes(path, rules))
}

/** A kubeconfig with this content. @throws EksTokenError `ERR_KUBECONFIG` */
export function parseKubeconfigFile(
  { path, rules }: Pick<KubeconfigFile, 'path' | 'rules'>,
  bytes: Uint8Array | undefined,
): KubeconfigFile {
  const source = parseSource(decode(bytes ?? new Uint8Array(), path, rules), path, rules)
  const config = source.value
  checkKubeconfig(config, path, rules, source)
  return { path, rules, bytes, source, config }
}

/** Whether a file has the content that it was read with. @throws EksTokenError `ERR_KUBECONFIG` */
export function isUnchanged({ path, bytes, rules }: KubeconfigFile): boolean {
  const current = readBytes(path, rules)
  return current === undefined || bytes === undefined ? current === bytes : Buffer.compare(current, bytes) === 0
}

/** undefined: the file does not exist. @throws EksTokenError `ERR_KUBECONFIG` */
export function readBytes(path: string, rules: KubeconfigRules): Uint8Array | undefined {
  try {
    const stats = statSync(path)
    // A device such as /dev/null has no content, and a pipe would block.
    if (stats.isFile() || stats.isDirectory()) return readWithoutWaiting(path)
    return new Uint8Array()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError('read', error, path, rules)
  }
}

function decode(bytes: Uint8Array, path: string, rules: KubeconfigRules): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  // Faster than a fatal decoder. The character is also in the place of bytes that are not UTF-8.
  if (!text.includes('\ufffd')) return text
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const valid = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\ufffd')[0] ?? ''
    const position = Buffer.byteLength(valid)
    const byte = (bytes[position] ?? 0).toString(16).padStart(2, '0')
    const reason = /^([89ab].|c[01]|f[5-9a-f])$/.test(byte) ? 'invalid start byte' : 'invalid continuation byte'
    const line = valid.split('\n').length
    const words = `${path} is not UTF-8 text (line ${line})`
    throw new EksTokenError(
      'ERR_KUBECONFIG',
      rules === 'kubectl'
        ? words
        : `'utf-8' codec can't decode byte 0x${byte} in position ${position}: ${reason}: ${words}`,
      { cause, remedy: 'save the file with UTF-8 encoding, or write to another one with --kubeconfig FILE' },
    )
  }
}
