import { EksTokenError } from '../errors.ts'
import type { FileSystem, Section } from '../settings/profiles.ts'
import { type Settings, textOf } from '../settings/settings.ts'
import type { CodeRequest } from './code-request.ts'
import { type Credentials, parseExpiration } from './credentials.ts'
import type { Deadline } from './deadline.ts'
import type { Machine } from './machine.ts'
import { readBotoFile, readEc2CredentialFile } from './old-files.ts'
import type { AssumeRolePlan, Plan } from './plan.ts'
import { keysSection } from './plan-profile.ts'

/** What loading takes from outside. */
export interface LoadContext extends Omit<Deadline, 'clear'> {
  readonly settings: Settings
  readonly system: FileSystem
  readonly machine: Machine
  readonly now: () => Date
  readonly trace: (line: string) => void
  /** False: requests to STS go out unsigned (`--no-sign-request`). */
  readonly signRequests: boolean
  /** False: credentials are neither read from a cache nor kept in one. */
  readonly useCache: boolean
  /** Asks a person for the code of an MFA device; rejects where nobody is there. */
  readonly askForCode: (request: CodeRequest) => Promise<string>
}

/**
 * Gets the credentials that a plan names: at once where they stand in the environment or a file, else from the
 * source, whose code is loaded only then.
 *
 * @param nested - these are the credentials of a role's source; of them only roles are cached on disk
 *
 * @throws EksTokenError `ERR_CREDENTIALS`, `ERR_PARAMETER`, `ERR_SERVICE`, `ERR_NETWORK`
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
      return roleCredentials(plan, context, nested)
    case 'web-identity': {
      const { cachedAsAws } = await import('./cached.ts')
      const fetch = async () => {
        const { assumeRoleWithWebIdentity } = await import('./sources/sts.ts')
        const asked = assumeRoleWithWebIdentity(plan, context)
        return checked(await context.waitFor(`STS, for the role ${plan.roleArn}`, asked), plan, context.now())
      }
      return cachedAsAws(plan, nested, fetch, context)
    }
    case 'sso': {
      const { cachedAsAws } = await import('./cached.ts')
      const fetch = async () => {
        const { ssoCredentials } = await import('./sources/sso.ts')
        return checked(await ssoCredentials(plan, context), plan, context.now())
      }
      return cachedAsAws(plan, nested, fetch, context)
    }
    case 'login': {
      const { loginCredentials } = await import('./sources/login.ts')
      return loginCredentials(plan, context)
    }
    case 'process': {
      const { runCredentialProcess } = await import('./sources/process.ts')
      return context.waitFor(`the credential_process of profile ${plan.profile}`, runCredentialProcess(plan, context))
    }
    case 'none':
      throw new EksTokenError('ERR_NO_CREDENTIALS', `Unable to locate credentials: ${plan.why}`)
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

async function roleCredentials(plan: AssumeRolePlan, context: LoadContext, nested: boolean): Promise<Credentials> {
  // The source of a profile's role is no identity of its own: the AWS CLI keeps what it fetches for it in memory.
  const loadSource = () => loadCredentials(plan.source, context, plan.profile !== undefined)
  const assume = async (source: Credentials | undefined, askPerson: Deadline['waitForPerson']) => {
    const { mfaSerial: serial, roleArn, profile } = plan
    const code = serial === undefined ? undefined : await askPerson(context.askForCode({ serial, roleArn, profile }))
    const { assumeRole } = await import('./sources/sts.ts')
    const asked = assumeRole(plan, source, code, context)
    return checked(await context.waitFor(`STS, for the role ${roleArn}`, asked), plan, context.now())
  }
  if (!context.signRequests) return assume(undefined, context.waitForPerson)
  const { cachedAsAws, cachedAsOurs } = await import('./cached.ts')
  if (plan.profile === undefined) return cachedAsOurs(plan, loadSource, assume, context)
  return cachedAsAws(plan, nested, async (askPerson) => assume(await loadSource(), askPerson), context)
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
