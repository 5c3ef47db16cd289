import { existsSync } from 'node:fs'
import { EksTokenError, endsRun } from '../../errors.ts'
import { expandPath } from '../../python/expand.ts'
import { parsePythonInt } from '../../python/int.ts'
import { splitUrl } from '../../python/urls.ts'
import { redactArgument, redactUrl, redactValue } from '../../redact.ts'
import type { Environment, Runtime } from '../../runtime.ts'

/**
 * The value of a parameter; `file://PATH` is replaced by the contents of the file, as for every parameter of the AWS CLI.
 *
 * @throws EksTokenError `ERR_PARAMETER`
 */
export function readParameterFile(value: string, option: string, runtime: Runtime): string {
  if (value.startsWith('fileb://')) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      `Invalid type for parameter --${option}: the contents of a fileb:// file are binary; a string is required`,
      { remedy: 'use file:// instead' },
    )
  }
  if (!value.startsWith('file://')) return value
  const path = expandPath(value.slice('file://'.length), runtime)
  let text: string | undefined
  try {
    text = runtime.readText(path)
  } catch (cause) {
    if (endsRun(cause)) throw cause
    throw unreadableParameter(option, (cause as Error).message, cause)
  }
  if (text === undefined) {
    throw unreadableParameter(
      option,
      `Unable to load paramfile ${redactValue(value)}: ${redactValue(path)} ${existsSync(path) ? 'cannot be read' : 'does not exist'}`,
    )
  }
  return text.replace(/\r\n?/g, '\n')
}

function unreadableParameter(option: string, reason: string, cause?: unknown): EksTokenError {
  return new EksTokenError('ERR_PARAMETER', `Error parsing parameter '--${option}': ${reason}`, {
    cause,
    remedy: `check the path in --${option}`,
  })
}

/** The default of `--timeout`. @throws EksTokenError `ERR_USAGE` for an invalid EKS_GET_TOKEN_TIMEOUT */
export function environmentTimeout({ EKS_GET_TOKEN_TIMEOUT: timeout }: Environment): number | undefined {
  return timeout ? parseSeconds(timeout, 'EKS_GET_TOKEN_TIMEOUT') : undefined
}

/**
 * @param option - an option, or its environment variable
 * @throws EksTokenError `ERR_USAGE`
 */
export function parseSeconds(value: string, option: string): number {
  const seconds = parsePythonInt(value)
  if (seconds !== undefined && seconds >= 0) return seconds
  const name = /^[A-Z]/.test(option) ? option : `--${option}`
  throw new EksTokenError('ERR_USAGE', `${name} is '${redactArgument(value)}', not a whole number of seconds`, {
    remedy: `set ${name} to a number of seconds, such as ${option === 'duration-seconds' ? 900 : 60}`,
  })
}

/** The AWS CLI rejects such a URL even where the command does not use it. @throws EksTokenError `ERR_PARAMETER` */
export function requireUrlScheme(url: string, option: string): void {
  if (splitUrl(url).scheme !== '') return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Bad value for --${option} "${redactUrl(url)}": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/`,
    { remedy: `start the URL with https://, or remove --${option}` },
  )
}
