import { EksTokenError } from '../../errors.ts'
import { redactValue } from '../../redact.ts'

/**
 * Validates a parameter before the request, as the AWS CLI does (exit code 252).
 *
 * @param setting - what sets the parameter, which the AWS CLI's message does not say
 */
export function checkLength(parameter: string, value: string, minimum: number, setting: string): void {
  const length = [...value].length
  if (length >= minimum) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Invalid length for parameter ${parameter}, value: ${length}, valid min length: ${minimum} (${setting})`,
    { remedy: `correct ${setting}` },
  )
}

/** The AWS CLI's message does not say where the token comes from. */
export function checkTokenLength(
  token: string,
  { tokenFile, why }: { readonly tokenFile: string; readonly why: string },
): void {
  const length = [...token].length
  if (length >= 4) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Invalid length for parameter WebIdentityToken, value: ${length}, valid min length: 4: the web identity token file ${redactValue(tokenFile)} ${length === 0 ? 'is empty' : 'contains no token'}`,
    { remedy: `write an OIDC token to the file (${why}); in CI, check that the job may request one` },
  )
}

export function checkDuration(seconds: number | undefined, setting: string): void {
  if (seconds === undefined || seconds >= 900) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Invalid value for parameter DurationSeconds, value: ${seconds}, valid min value: 900 (${setting})`,
    { remedy: `set ${setting} to 900 or more` },
  )
}
