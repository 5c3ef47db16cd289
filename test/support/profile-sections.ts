import { accessKeyIdFor } from './local-aws/temporary-credentials.ts'
import { LOGIN_SESSION } from './temporary-home.ts'

/** A profile for runs against the local AWS. */
export interface TestProfile {
  readonly name: string
  /** The keys of its section; `{{HOME}}` is the home directory. */
  readonly section: string
  /** The access key id that must sign. */
  readonly signer: string
  /** The call that gets its credentials, by the operation and the role. */
  readonly call?: string
  /** A profile whose credentials it uses. */
  readonly source?: TestProfile
}

const ROLE = 'arn:aws:iam::123456789012:role'

export const keysProfile: TestProfile = {
  name: 'keys',
  section: 'aws_access_key_id = AKIDKEYS\naws_secret_access_key = secret-of-AKIDKEYS\n',
  signer: 'AKIDKEYS',
}

export function roleProfile(name: string, source: TestProfile = keysProfile): TestProfile {
  return {
    ...{ name, source, call: `AssumeRole ${ROLE}/${name}`, signer: accessKeyIdFor(name) },
    section: `role_arn = ${ROLE}/${name}\nsource_profile = ${source.name}\n`,
  }
}

export function webIdentityProfile(name: string): TestProfile {
  return {
    ...{ name, call: `AssumeRoleWithWebIdentity ${ROLE}/${name}`, signer: accessKeyIdFor(name) },
    section: `role_arn = ${ROLE}/${name}\nweb_identity_token_file = {{HOME}}/web-token\n`,
  }
}

export function ssoProfile(role: string): TestProfile {
  return {
    ...{ name: `sso-${role}`, call: `GetRoleCredentials ${role}`, signer: accessKeyIdFor(`sso${role}`) },
    section: `sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ${role}\n`,
  }
}

/** After a refresh of its login. */
export const loginProfile: TestProfile = {
  ...{ name: 'login', call: 'CreateOAuth2Token', signer: 'ASIALOGINREFRESHED00' },
  section: `login_session = ${LOGIN_SESSION}\n`,
}

/** The config file, with the sso-session `corp`. */
export function configOf(profiles: readonly TestProfile[], home: string): string {
  const sections = profiles.map(({ name, section }) => `[profile ${name}]\n${section}`).join('')
  const session = '[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n'
  return `${sections}${session}`.replaceAll('{{HOME}}', home)
}
