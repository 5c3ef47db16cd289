import { statSync } from 'node:fs'
import { attempt, EksTokenError, isEksTokenError, isOpenFilesLimit, openFilesError } from '../errors.ts'
import { withNativeSeparators } from '../shown-path.ts'
import { MAX_BYTES, readWhenReady, readWithoutWaiting, tooLarge } from './read-when-ready.ts'
import { registryReader } from './registry.ts'

const DEFAULT_TIMEOUT_SECONDS = 60

/** @returns a `readText` that reads each pipe once: a pipe has no content for a second read */
export function textReader(): (path: string, timeoutSeconds?: number) => string | undefined {
  const pipes = new Map<string, string>()
  return (path, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS) => {
    const text = pipes.get(path)
    if (text !== undefined) return text
    // An exception for a missing file would take longer than everything else here.
    const stats = attempt(() => statSync(path, { throwIfNoEntry: false }))
    const isPipe = stats?.isFIFO() === true
    if (!isPipe && !stats?.isFile()) return undefined
    if (stats.size > MAX_BYTES) throw tooLarge(path)
    const bytes = readBytes(path, isPipe, timeoutSeconds)
    const content = bytes && decodeText(path, bytes)
    if (isPipe && content !== undefined) pipes.set(path, content)
    return content
  }
}

/** @throws EksTokenError `ERR_OPEN_FILES`: without the file, the credentials would be those of another identity */
function readBytes(
  path: string,
  isPipe: boolean,
  timeoutSeconds: number,
  mustWait: boolean = isPipe,
): Uint8Array | undefined {
  try {
    if (mustWait) return readWhenReady(path, isPipe, timeoutSeconds)
    return readWithoutWaiting(path)
  } catch (error) {
    if (isEksTokenError(error)) throw error
    if (isOpenFilesLimit(error)) throw openFilesError(error)
    if (mustWait || (error as NodeJS.ErrnoException).code !== 'EAGAIN') return undefined
    return readBytes(path, isPipe, timeoutSeconds, true)
  }
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    // A byte order mark stays in the text: the AWS CLI rejects a file that has one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const text = process.platform === 'win32' ? decodeAnsi(bytes) : undefined
    if (text !== undefined) return text
    // FF FE or FE FF
    const encoding = (bytes[0] ?? 0) + (bytes[1] ?? 0) === 0xff + 0xfe ? 'UTF-16' : 'not UTF-8'
    throw new EksTokenError('ERR_CONFIG_FILE', `${withNativeSeparators(path)} is ${encoding} text`, {
      cause,
      remedy: 'save the file with UTF-8 encoding',
    })
  }
}

/**
 * Windows editors save text in the ANSI code page of the system, in which Python reads it. UTF-16 is not text for either.
 *
 * @returns undefined for other data, and for a code page that this runtime does not know
 */
function decodeAnsi(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  return attempt(() => new TextDecoder(encodingLabel(ansiCodePage()), { fatal: true }).decode(bytes))
}

/** https://learn.microsoft.com/windows/win32/intl/code-page-identifiers */
function encodingLabel(codePage: string): string {
  const labels: Readonly<Record<string, string>> = { 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5' }
  return labels[codePage] ?? `windows-${codePage}`
}

function ansiCodePage(): string {
  return registryReader()('HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage').get('ACP') ?? '1252'
}
