import { stringValue } from '../../config/profiles.ts'
import type { Settings } from '../../config/settings.ts'
import { EksTokenError } from '../../errors.ts'
import type { Section } from '../../python/config-parser.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'

/** Credentials in the environment. */
export interface EnvironmentPlan {
  readonly kind: 'environment'
  readonly why: string
}

/** Static credentials in one of the shared files. */
export interface ProfileKeysPlan {
  readonly kind: 'profile-keys'
  readonly why: string
  readonly profile: string
  readonly file: 'credentials' | 'config'
}

/** @throws EksTokenError `ERR_CREDENTIALS` for an AWS_CREDENTIAL_EXPIRATION that is invalid or in the past */
export async function environmentCredentials({ env, now }: Runtime): Promise<Credentials> {
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    // The older name takes precedence, as in the AWS CLI.
    sessionToken: env.AWS_SECURITY_TOKEN || env.AWS_SESSION_TOKEN || undefined,
  }
  const text = env.AWS_CREDENTIAL_EXPIRATION
  if (!text) return { ...credentials, expiration: undefined }
  const expiration = parseExpiration(text)
  if (!expiration) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `AWS_CREDENTIAL_EXPIRATION is '${redactValue(text)}', not a timestamp with a time zone`,
      { remedy: 'use a timestamp such as 2026-01-31T12:00:00Z, or unset AWS_CREDENTIAL_EXPIRATION' },
    )
  }
  if (expiration.getTime() <= now().getTime()) {
    throw (await import('../explain/expired.ts')).expiredEnvironment(expiration, now())
  }
  return { ...credentials, expiration }
}

/** The section of a profile in one of the files. */
export function staticSection(
  settings: Settings,
  profile: string,
  file: 'credentials' | 'config',
): Section | undefined {
  const { credentialsProfiles, configProfiles } = settings.files
  return (file === 'credentials' ? credentialsProfiles : configProfiles).get(profile)
}

/** The static credentials that a profile has in one of the shared files. */
export function profileCredentials(settings: Settings, profile: string, file: 'credentials' | 'config'): Credentials {
  return sectionCredentials(staticSection(settings, profile, file) ?? new Map(), profile)
}

export function sectionCredentials(section: Section, profile: string): Credentials {
  // The first of the two keys that exists counts, even when it is empty.
  const tokenKey = section.has('aws_security_token') ? 'aws_security_token' : 'aws_session_token'
  return staticCredentials(
    stringValue(section, 'aws_access_key_id', profile),
    stringValue(section, 'aws_secret_access_key', profile),
    stringValue(section, tokenKey, profile),
  )
}

export function staticCredentials(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
): Credentials {
  return {
    accessKeyId: accessKeyId ?? '',
    secretAccessKey: secretAccessKey ?? '',
    sessionToken,
    expiration: undefined,
  }
}
