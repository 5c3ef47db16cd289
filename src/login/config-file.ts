import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ConfigSectionName, setConfigValues } from '../config/edit-config.ts'
import { createDirectory } from '../credentials/cache/directory.ts'
import { withLock } from '../credentials/cache/lock.ts'
import { lockFile } from '../credentials/cache/paths.ts'
import type { LoadContext } from '../credentials/context.ts'
import { EksTokenError } from '../errors.ts'
import { type PreparedWrite, prepareWrite } from '../kubernetes/kubeconfig/write.ts'
import type { WriteErrors } from '../kubernetes/kubeconfig/write-errors.ts'
import type { Runtime } from '../runtime.ts'
import { withNativeSeparators } from '../shown-path.ts'

/** More often another program does not change the file between reading and writing. */
const MAX_ATTEMPTS = 5

/**
 * Sets keys in a section of the AWS config file, and changes nothing else in it. Atomic: a reader or a crash sees the old
 * file or the new one. Mode, owner and links stay; a new file has the mode 0600. Nothing is written if the file contains the
 * values already.
 *
 * @param path - the config file (`SharedFiles.configPath`), which is read again: another program may have changed it
 * @returns whether the file has changed
 * @throws EksTokenError `ERR_CONFIG_FILE`
 */
export function updateConfigFile(
  path: string,
  section: ConfigSectionName,
  values: Readonly<Record<string, string>>,
  context: Pick<LoadContext, 'runtime' | 'waitFor' | 'pauseWhile'>,
): Promise<boolean> {
  const task = {
    description: path,
    readCached: () => undefined,
    refresh: async () => update(path, section, values, context),
    exclusive: true,
  }
  return withLock(lockFile(path, context.runtime), task, context)
}

function update(
  path: string,
  section: ConfigSectionName,
  values: Readonly<Record<string, string>>,
  { runtime }: Pick<LoadContext, 'runtime'>,
): boolean {
  for (let attempt = 1; ; attempt++) {
    const prepared = prepareUpdate(path, section, values, runtime)
    if (!prepared) return false
    try {
      if (attempt < MAX_ATTEMPTS && !isEqual(readBytes(path), prepared.bytes)) continue
      prepared.write()
      return true
    } finally {
      prepared.discard()
    }
  }
}

/**
 * Checks that {@link updateConfigFile} will be possible, before the user signs in for it.
 *
 * @throws EksTokenError `ERR_CONFIG_FILE`
 */
export function checkConfigFile(
  path: string,
  section: ConfigSectionName,
  values: Readonly<Record<string, string>>,
  runtime: Runtime,
): void {
  prepareUpdate(path, section, values, runtime)?.discard()
}

/** @returns undefined if the file contains the values already */
function prepareUpdate(
  path: string,
  section: ConfigSectionName,
  values: Readonly<Record<string, string>>,
  runtime: Runtime,
): (PreparedWrite & { readonly bytes: Uint8Array | undefined }) | undefined {
  const bytes = readBytes(path)
  const text = decode(bytes ?? new Uint8Array(), path)
  const edited = setConfigValues(text, section, values, path)
  if (edited === text) return undefined
  if (bytes === undefined) createParent(path)
  return { bytes, ...prepareWrite(path, edited, runtime, WRITE_ERRORS) }
}

/** @returns undefined if the file does not exist */
function readBytes(path: string): Uint8Array | undefined {
  try {
    // A pipe such as `<(…)` has no content for a second read, and cannot be written.
    if (!statSync(path).isFile()) throw new Error('it is not a regular file')
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path !== '') return undefined
    throw failed(error, path)
  }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    // Text in a code page of Windows, in which it would have to be written again.
    throw new EksTokenError(
      'ERR_CONFIG_FILE',
      `${withNativeSeparators(path)} is not UTF-8 text, and cannot be edited`,
      {
        cause,
        remedy: 'save the file with UTF-8 encoding',
      },
    )
  }
}

function createParent(path: string): void {
  try {
    createDirectory(dirname(path), 0o755)
  } catch (error) {
    throw failed(error, path)
  }
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0
}

const WRITE_ERRORS: WriteErrors = {
  code: 'ERR_CONFIG_FILE',
  otherFile: 'set AWS_CONFIG_FILE to another file',
  failed,
}

function failed(error: unknown, path: string): EksTokenError {
  const { code, message } = error as NodeJS.ErrnoException
  return new EksTokenError(
    'ERR_CONFIG_FILE',
    `the config file cannot be changed: ${path || '(no path)'}: ${code ?? message}`,
    {
      cause: error,
      remedy: 'check the file, its directory and their permissions, or set AWS_CONFIG_FILE to another file',
    },
  )
}
