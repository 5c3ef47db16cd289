import type { Settings } from '../../config/settings.ts'
import { stringValue } from '../../config/settings.ts'
import { EksTokenError } from '../../errors.ts'
import type { Section } from '../../python/config-parser.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import { readBotoFile, readEc2CredentialFile } from '../plan/legacy-files.ts'
import { staticSection } from '../plan/profile.ts'

/** @throws EksTokenError `ERR_CREDENTIALS` for an AWS_CREDENTIAL_EXPIRATION that is invalid or in the past */
export function environmentCredentials({ env, now }: Runtime): Credentials {
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
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `the credentials in the environment expired at ${expiration.toISOString()} (AWS_CREDENTIAL_EXPIRATION)`,
      { remedy: 'export new credentials, or unset AWS_ACCESS_KEY_ID to use a profile' },
    )
  }
  return { ...credentials, expiration }
}

/** The static credentials that a profile has in one of the shared files. */
export function profileCredentials(settings: Settings, profile: string, file: 'credentials' | 'config'): Credentials {
  return sectionCredentials(staticSection(settings, profile, file) ?? new Map(), profile)
}

/** The file that AWS_CREDENTIAL_FILE names. */
export function ec2FileCredentials(path: string, runtime: Runtime): Credentials {
  const values = readEc2CredentialFile(path, runtime)
  return staticCredentials(values.get('AWSAccessKeyId'), values.get('AWSSecretKey'), undefined)
}

/** A configuration file of boto 2; it has no session token. */
export function botoFileCredentials(path: string, runtime: Runtime): Credentials {
  return { ...sectionCredentials(readBotoFile(path, runtime) ?? new Map(), path), sessionToken: undefined }
}

function sectionCredentials(section: Section, profile: string): Credentials {
  // The first of the two keys that exists counts, even when it is empty.
  const tokenKey = section.has('aws_security_token') ? 'aws_security_token' : 'aws_session_token'
  return staticCredentials(
    stringValue(section, 'aws_access_key_id', profile),
    stringValue(section, 'aws_secret_access_key', profile),
    stringValue(section, tokenKey, profile),
  )
}

function staticCredentials(
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
