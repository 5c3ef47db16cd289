import { EksTokenError } from '../../errors.ts'
import { formatClock, formatTime } from '../../time-format.ts'

/** Credentials in the environment that have expired according to AWS_CREDENTIAL_EXPIRATION. */
export function expiredEnvironment(expiration: Date, now: Date): EksTokenError {
  return new EksTokenError(
    'ERR_CREDENTIALS',
    `the credentials in the environment expired at ${formatTime(expiration, now)}, according to AWS_CREDENTIAL_EXPIRATION`,
    { remedy: 'export new credentials, or unset AWS_ACCESS_KEY_ID and AWS_CREDENTIAL_EXPIRATION to use a profile' },
  )
}

/** Credentials that were just fetched, and are expired by the clock of this machine. */
export function stillExpired(source: string, expiration: Date, now: Date): EksTokenError {
  return new EksTokenError(
    'ERR_CREDENTIALS',
    `Credentials were refreshed, but the refreshed credentials are still expired: they expired at ${formatTime(expiration, now)} (${source})`,
    { remedy: `check the clock of this machine: it shows ${formatClock(now)}` },
  )
}
