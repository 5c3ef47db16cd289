import { EksTokenError } from '../../errors.ts'

/** A source of which a part is missing; the words are the AWS CLI's. */
export function partialCredentials(provider: string, missing: string, remedy: string): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', `Partial credentials found in ${provider}, missing: ${missing}`, {
    remedy,
  })
}

/** A source whose settings contradict each other or lead nowhere. */
export function invalidConfiguration(message: string, remedy: string): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', message, { remedy })
}
