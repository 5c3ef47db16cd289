import { EksTokenError } from '../errors.ts'
import type { FileSystem, Section } from '../settings/profiles.ts'
import { type Settings, textOf } from '../settings/settings.ts'
import { type Credentials, parseExpiration } from './credentials.ts'
import { readBotoFile, readEc2CredentialFile } from './old-files.ts'
import type { AssumeRolePlan, Plan } from './plan.ts'
import { keysSection } from './plan-profile.ts'

/** What loading takes from outside. */
export interface LoadContext {
  readonly settings: Settings
  readonly system: FileSystem
  readonly now: () => Date
  readonly trace: (line: string) => void
  /** Says what is being waited for, in words for people, and goes on to wait for it. */
  readonly waitFor: <T>(what: string, answer: Promise<T>) => Promise<T>
  /** Aborted when the run has taken its time. */
  readonly signal: AbortSignal
  /** False: requests to STS go out unsigned (`--no-sign-request`). */
  readonly signRequests: boolean
}

/**
 * Gets the credentials that a plan names: at once where they stand in the environment or a file, else from the
 * source, whose code is loaded only then.
 *
 * @param nested - these are the credentials of a role's source; of them only roles are cached on disk
 *
 * @throws EksTokenError `ERR_CREDENTIALS`, `ERR_PARAMETER`, `ERR_SERVICE`, `ERR_NETWORK`; `ERR_NOT_SUPPORTED` for a
 *   source that this version cannot ask
 */
export async function loadCredentials(plan: Plan, context: LoadContext, nested = false): Promise<Credentials> {
  return checked(await load(plan, context, nested), plan, context.now())
}

async function load(plan: Plan, context: LoadContext, nested: boolean): Promise<Credentials> {
  const { settings, system } = context
  switch (plan.kind) {
    case 'environment':
      return environmentKeys(context)
    case 'profile-keys':
      return profileKeys(keysSection(settings, plan.profile, plan.file) ?? new Map(), plan.profile)
    case 'ec2-credential-file': {
      const keys = readEc2CredentialFile(plan.path, system)
      return lasting(keys.get('AWSAccessKeyId') ?? '', keys.get('AWSSecretKey') ?? '', undefined)
    }
    case 'boto-file': {
      // The boto files know no session token.
      const section = readBotoFile(plan.path, system) ?? new Map()
      return { ...profileKeys(section, plan.path), sessionToken: undefined }
    }
    case 'assume-role':
      if (plan.mfaSerial !== undefined) return cached(plan, context, nested, () => askForCode(plan))
      return cached(plan, context, nested, async () => {
        // The source of a profile's role is no identity of its own: the AWS CLI keeps what it fetches for it in memory.
        const source = context.signRequests
          ? await loadCredentials(plan.source, context, plan.profile !== undefined)
          : undefined
        const { assumeRole } = await import('./sources/sts.ts')
        return context.waitFor(`STS, for the role ${plan.roleArn}`, assumeRole(plan, source, context))
      })
    case 'web-identity':
      return cached(plan, context, nested, async () => {
        const { assumeRoleWithWebIdentity } = await import('./sources/sts.ts')
        return context.waitFor(`STS, for the role ${plan.roleArn}`, assumeRoleWithWebIdentity(plan, context))
      })
    case 'process': {
      const { runCredentialProcess } = await import('./sources/process.ts')
      return context.waitFor(`the credential_process of profile ${plan.profile}`, runCredentialProcess(plan, context))
    }
    case 'none':
      throw new EksTokenError('ERR_NO_CREDENTIALS', `Unable to locate credentials: ${plan.why}`)
    case 'sso':
      throw notSupported(plan, `IAM Identity Center for profile ${plan.profile}`)
    case 'login':
      throw notSupported(plan, `'aws login' for profile ${plan.profile}`)
    case 'container': {
      const { containerCredentials } = await import('./sources/container.ts')
      return context.waitFor("the container's agent", containerCredentials(plan, context))
    }
    case 'instance-metadata': {
      const { instanceCredentials } = await import('./sources/instance-metadata.ts')
      const asked = instanceCredentials(settings.instanceMetadata, system.env, context.now())
      const found = await context.waitFor('instance metadata', asked)
      if (found) return found
      throw new EksTokenError(
        'ERR_NO_CREDENTIALS',
        `Unable to locate credentials: ${plan.why}, and instance metadata at ${plan.endpoint} has none`,
      )
    }
  }
}

/** The AWS CLI's cache, where it has one for this plan: each uses what the other fetched. */
async function cached(
  plan: Plan,
  { system, now, trace }: LoadContext,
  nested: boolean,
  fetch: () => Promise<Credentials>,
): Promise<Credentials> {
  const { awsCacheFile, readCachedCredentials, writeCachedCredentials } = await import('./cache.ts')
  const file = nested && plan.kind !== 'assume-role' ? undefined : awsCacheFile(plan, system.homeDirectory())
  if (file === undefined) return fetch()
  const found = readCachedCredentials(file, now(), system.userId)
  if (found) {
    trace(`cache: ${found.accessKeyId} until ${found.expiration?.toISOString()}, from ${file}`)
    return found
  }
  const fetched = checked(await fetch(), plan, now())
  writeCachedCredentials(file, fetched, system.userId)
  return fetched
}

/** What no server would take is refused here, and never cached. */
function checked(credentials: Credentials, plan: Plan, now: Date): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken = '', expiration } = credentials
  if (/\p{Surrogate}/u.test(accessKeyId + secretAccessKey + sessionToken)) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `the credentials (${plan.kind}) are no text: half of a character is in them`,
    )
  }
  if (!expiration || expiration.getTime() > now.getTime()) return credentials
  throw new EksTokenError(
    'ERR_CREDENTIALS',
    `Credentials were refreshed, but the refreshed credentials are still expired: they ended at ${expiration.toISOString()} (${plan.kind})`,
    { remedy: `see whether the clock is right: here it is ${now.toISOString()}` },
  )
}

function askForCode(plan: AssumeRolePlan): never {
  throw notSupported(plan, `asking for the MFA code of ${plan.mfaSerial}`)
}

function environmentKeys({ system: { env }, now }: LoadContext): Credentials {
  const keys = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    // The older name wins, as in the AWS CLI.
    sessionToken: env.AWS_SECURITY_TOKEN || env.AWS_SESSION_TOKEN || undefined,
  }
  const text = env.AWS_CREDENTIAL_EXPIRATION
  if (!text) return { ...keys, expiration: undefined }
  const expiration = parseExpiration(text)
  if (!expiration) {
    throw new EksTokenError('ERR_CREDENTIALS', `AWS_CREDENTIAL_EXPIRATION is '${text}': that is no time with a zone`, {
      remedy: 'write it as 2026-01-31T12:00:00Z, or unset it',
    })
  }
  if (expiration.getTime() <= now().getTime()) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `the credentials in the environment expired at ${expiration.toISOString()} (AWS_CREDENTIAL_EXPIRATION)`,
      { remedy: 'get new ones, or unset AWS_ACCESS_KEY_ID to use a profile' },
    )
  }
  return { ...keys, expiration }
}

function profileKeys(section: Section, profile: string): Credentials {
  // The first token key that is there counts, even when it is empty.
  const tokenKey = section.has('aws_security_token') ? 'aws_security_token' : 'aws_session_token'
  return lasting(
    textOf(section, 'aws_access_key_id', profile) ?? '',
    textOf(section, 'aws_secret_access_key', profile) ?? '',
    textOf(section, tokenKey, profile),
  )
}

function lasting(accessKeyId: string, secretAccessKey: string, sessionToken: string | undefined): Credentials {
  return { accessKeyId, secretAccessKey, sessionToken, expiration: undefined }
}

function notSupported(plan: Plan, source: string): EksTokenError {
  return new EksTokenError('ERR_NOT_SUPPORTED', `${source} is not supported yet (chosen because ${plan.why})`, {
    remedy: "no other identity is used in its place; until then, use 'aws eks get-token' here",
  })
}
