import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { removeIfPresent, replaceFile } from '../../../credentials/cache/atomic-write.ts'
import { createDirectory } from '../../../credentials/cache/directory.ts'
import { attempt, EksTokenError } from '../../../errors.ts'
import { applyEdits, type Edit } from '../../../kubernetes/kubeconfig/text-edit.ts'
import type { Runtime } from '../../../runtime.ts'
import { withNativeSeparators } from '../../../shown-path.ts'
import type { UserResult } from './convert-exec.ts'
import type { SharedRecord } from './share.ts'

/** One conversion of a file. */
export interface Step {
  /** SHA-256 of the text after the conversion. */
  readonly after: string
  /** Edits that turn the text after the conversion into the one before it. */
  readonly undo: readonly Edit[]
  readonly users: readonly UserResult[]
  /** With `--shared-user`: by the names of users. */
  readonly shared?: Readonly<Record<string, SharedRecord>>
}

/**
 * What is needed to restore a kubeconfig is in the state directory of this program, not in the kubeconfig: a comment would be
 * lost when kubectl writes the file, and an extension would not give back the bytes. It contains the text that was replaced:
 * commands and arguments, the environment variables of an exec block that is replaced as a whole, and users that a shared one
 * replaces; so its mode is 0600.
 * https://specifications.freedesktop.org/basedir-spec/0.8/
 *
 * @returns undefined without a home directory
 */
function historyFile(path: string, { env, homeDirectory, processHost: { platform } }: Runtime): string | undefined {
  const name = `eks-get-token/kubeconfig/${sha256Hex(attempt(() => realpathSync(path)) ?? path)}.json`
  if (env.XDG_STATE_HOME?.startsWith('/')) return `${env.XDG_STATE_HOME}/${name}`
  if (platform === 'win32' && env.LOCALAPPDATA) return `${env.LOCALAPPDATA}/${name}`
  const home = homeDirectory()
  if (!home) return undefined
  return `${home}/${platform === 'darwin' ? 'Library/Application Support' : '.local/state'}/${name}`
}

/** The conversions of a kubeconfig, the latest last. */
export function readHistory(path: string, runtime: Runtime): readonly Step[] {
  const file = historyFile(path, runtime)
  const steps = file && attempt(() => JSON.parse(readFileSync(file, 'utf8')) as unknown)
  return Array.isArray(steps) ? (steps as Step[]) : []
}

/** @throws EksTokenError `ERR_OUTPUT`: without it the kubeconfig could not be restored, so it is not converted */
export function writeHistory(path: string, steps: readonly Step[], runtime: Runtime): void {
  const file = historyFile(path, runtime)
  if (file === undefined) {
    throw new EksTokenError('ERR_OUTPUT', 'the data for --restore cannot be stored: there is no home directory', {
      remedy: `set ${runtime.processHost.platform === 'win32' ? 'LOCALAPPDATA' : 'HOME or XDG_STATE_HOME'}`,
    })
  }
  if (steps.length === 0) {
    removeIfPresent(file)
    return
  }
  try {
    createDirectory(dirname(file), 0o700)
    replaceFile(file, `${JSON.stringify(steps)}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new EksTokenError('ERR_OUTPUT', `the data for --restore cannot be written to ${withNativeSeparators(file)}`, {
      cause,
      remedy: 'check the permissions of the directory, or set XDG_STATE_HOME',
    })
  }
}

export function createStep(
  before: string,
  edits: readonly Edit[],
  users: readonly UserResult[],
  shared: ReadonlyMap<string, SharedRecord> = new Map(),
): Step {
  let shift = 0
  const undo = edits.map(({ from, to, text }) => {
    const start = from + shift
    shift += text.length - (to - from)
    return { from: start, to: start + text.length, text: before.slice(from, to) }
  })
  const step = { after: sha256Hex(applyEdits(before, edits)), undo, users }
  return shared.size === 0 ? step : { ...step, shared: Object.fromEntries(shared) }
}

/**
 * Undoes the conversions of a text, the latest first. A step that was stored but not written to the file is skipped.
 *
 * @returns undefined: another program has changed the file since
 */
export function undoSteps(text: string, steps: readonly Step[]): string | undefined {
  let result: string | undefined
  for (const step of [...steps].reverse()) {
    if (sha256Hex(result ?? text) === step.after) result = applyEdits(result ?? text, step.undo)
  }
  return result
}

/** Of a text of megabytes, for which the hash of the cache takes a tenth of a second. */
function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
