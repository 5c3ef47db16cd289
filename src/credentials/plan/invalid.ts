import { EksTokenError, type MissingName } from '../../errors.ts'

/** A source with incomplete credentials; the message is the AWS CLI's. */
export function partialCredentials(provider: string, missing: string, remedy: string): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', `Partial credentials found in ${provider}, missing: ${missing}`, {
    remedy,
  })
}

/** A source with invalid or conflicting settings. */
export function invalidConfiguration(message: string, remedy: string, missing?: MissingName): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', message, { remedy, ...(missing && { missing }) })
}
