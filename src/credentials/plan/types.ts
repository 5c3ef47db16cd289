/**
 * The chosen credential source as plain data, without secrets: the credentials, the cache key and the description are
 * derived from it. `why` is the reason for the choice, for messages.
 *
 * Values of config files are kept as they are; messages show them with `redactValue`.
 */
export type Plan =
  | { readonly kind: 'environment'; readonly why: string }
  | AssumeRolePlan
  | WebIdentityPlan
  | SsoPlan
  | {
      /** Static credentials in one of the shared files. */
      readonly kind: 'profile-keys'
      readonly why: string
      readonly profile: string
      readonly file: 'credentials' | 'config'
    }
  | LoginPlan
  | ProcessPlan
  | { readonly kind: 'ec2-credential-file'; readonly why: string; readonly path: string }
  | { readonly kind: 'boto-file'; readonly why: string; readonly path: string }
  | ContainerPlan
  | { readonly kind: 'instance-metadata'; readonly why: string; readonly endpoint: string }
  | {
      /** No source is configured, which is an error only if credentials are needed: an unsigned token needs none. */
      readonly kind: 'none'
      readonly why: string
    }

export interface AssumeRolePlan {
  readonly kind: 'assume-role'
  readonly why: string
  /** undefined: the role of `--role-arn`. */
  readonly profile: string | undefined
  readonly roleArn: string
  readonly sessionName: string | undefined
  readonly externalId: string | undefined
  readonly durationSeconds: number | undefined
  readonly mfaSerial: string | undefined
  readonly source: Plan
}

export interface WebIdentityPlan {
  readonly kind: 'web-identity'
  readonly why: string
  readonly roleArn: string
  readonly tokenFile: string
  readonly sessionName: string | undefined
}

export interface SsoPlan {
  readonly kind: 'sso'
  readonly why: string
  readonly profile: string
  /** Name of the `sso-session` section; undefined for a legacy profile, which has all SSO settings itself. */
  readonly session: string | undefined
  readonly startUrl: string
  /** The region of IAM Identity Center, not of the token. */
  readonly region: string
  readonly accountId: string
  readonly roleName: string
}

export interface LoginPlan {
  readonly kind: 'login'
  readonly why: string
  readonly profile: string
  /** The login session of `aws login`: the ARN of its identity. */
  readonly session: string
}

export interface ProcessPlan {
  readonly kind: 'process'
  readonly why: string
  readonly profile: string
  /** The command line of the config file; it may contain secrets, so only {@link redactCommand} may show a part of it. */
  readonly command: string
  /** Its first word. */
  readonly program: string
}

export interface ContainerPlan {
  readonly kind: 'container'
  readonly why: string
  readonly url: string
}

/** A role to assume with the credentials of the chosen source. */
export interface RoleOptions {
  readonly roleArn?: string | undefined
  readonly externalId?: string | undefined
  /** Default `EKSGetTokenAuth`, as in the AWS CLI. */
  readonly roleSessionName?: string | undefined
  /** Default: that of STS, 3600. */
  readonly durationSeconds?: number | undefined
  /** Serial number or ARN of the MFA device whose code is required. */
  readonly mfaSerial?: string | undefined
}
