import { type AwsHome, awsLogin, ssoLogin } from './temporary-home.ts'

/** A credential source that calls an AWS service through a client of the SDK. */
export interface SdkSource {
  readonly name: string
  /** Name of the service's variable: `AWS_ENDPOINT_URL_…`. */
  readonly service: 'STS' | 'SSO' | 'SSO_OIDC' | 'SIGNIN'
  readonly operation: string
  readonly args: readonly string[]
  /** Writes the login that the source needs. */
  readonly prepare: (home: AwsHome) => void
  /** The login is then reported as expired; what failed is in the output of --debug. */
  readonly isRenewal?: boolean
  /** Files of the home directory that a run may use, besides the config files and the caches of its own kind. */
  readonly files: readonly string[]
}

export const SDK_SOURCES: readonly SdkSource[] = [
  { name: 'role', service: 'STS', operation: 'AssumeRole', args: ['--profile', 'role'], prepare: () => {}, files: [] },
  {
    name: 'web identity',
    service: 'STS',
    operation: 'AssumeRoleWithWebIdentity',
    args: ['--profile', 'web'],
    prepare: () => {},
    files: ['web-token'],
  },
  {
    name: 'SSO',
    service: 'SSO',
    operation: 'GetRoleCredentials',
    args: ['--profile', 'sso'],
    prepare: (home) => home.write(...ssoLogin('corp', 7200)),
    files: ['.aws/sso/'],
  },
  {
    name: 'SSO renewal',
    service: 'SSO_OIDC',
    operation: 'CreateToken',
    args: ['--profile', 'sso'],
    prepare: (home) => home.write(...ssoLogin('corp', -60)),
    isRenewal: true,
    files: ['.aws/sso/'],
  },
  {
    name: 'login renewal',
    service: 'SIGNIN',
    operation: 'CreateOAuth2Token',
    args: ['--profile', 'login'],
    prepare: (home) => home.write(...awsLogin(60)),
    files: ['.aws/login/'],
  },
]
