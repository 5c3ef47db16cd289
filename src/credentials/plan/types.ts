/**
 * Which source of credentials applies, as plain data without a secret: from it come the credentials, the key of a
 * cache entry, the words for people, and the tests. `why` says in a few words how it was chosen.
 */
export type Plan =
  | { readonly kind: 'environment'; readonly why: string }
  | AssumeRolePlan
  | WebIdentityPlan
  | SsoPlan
  | {
      /** Keys that stand in one of the shared files. */
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
      /** Nothing is configured. An error only where credentials are needed: an unsigned token needs none. */
      readonly kind: 'none'
      readonly why: string
    }

export interface AssumeRolePlan {
  readonly kind: 'assume-role'
  readonly why: string
  /** undefined: asked for by option, not by a profile. */
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
  /** Name of the `sso-session` section; undefined for a profile that carries it all itself. */
  readonly session: string | undefined
  readonly startUrl: string
  /** Of IAM Identity Center, not of the token. */
  readonly region: string
  readonly accountId: string
  readonly roleName: string
}

export interface LoginPlan {
  readonly kind: 'login'
  readonly why: string
  readonly profile: string
  /** ARN of the identity that has signed in with `aws login`. */
  readonly session: string
}

export interface ProcessPlan {
  readonly kind: 'process'
  readonly why: string
  readonly profile: string
  /** As it stands in the file. People put secrets into such lines: it is not for showing. */
  readonly command: string
}

export interface ContainerPlan {
  readonly kind: 'container'
  readonly why: string
  readonly url: string
}

/** A role to assume on top of whatever credentials there are. */
export interface RoleOptions {
  readonly roleArn?: string | undefined
  readonly externalId?: string | undefined
  /** Default `EKSGetTokenAuth`, as the AWS CLI names it. */
  readonly roleSessionName?: string | undefined
  /** Default: what STS gives, one hour. */
  readonly durationSeconds?: number | undefined
  /** Of the MFA device whose code is to be asked for. */
  readonly mfaSerial?: string | undefined
}
