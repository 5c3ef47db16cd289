import { pythonJson } from '../../python/json.ts'
import { redactCommand, redactUrl, redactValue } from '../../redact.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import type { LoadContext, LoadStep } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import type { ContainerPlan } from './container.ts'
import type { InstanceMetadataPlan } from './instance-metadata.ts'
import type { BotoFilePlan, Ec2CredentialFilePlan } from './legacy-files.ts'
import type { LoginPlan } from './login.ts'
import type { ProcessPlan } from './process.ts'
import type { ProvidedPlan } from './provided.ts'
import type { SsoPlan } from './sso.ts'
import { type EnvironmentPlan, environmentCredentials, type ProfileKeysPlan, profileCredentials } from './static.ts'
import type { AssumeRolePlan, WebIdentityPlan } from './sts.ts'

/**
 * The chosen credential source as plain data, without secrets: the credentials, the cache key and the description are
 * derived from it. `why` is the reason for the choice, for messages.
 *
 * Values of config files are kept as they are; messages show them with `redactValue`.
 */
export type Plan =
  | EnvironmentPlan
  | ProfileKeysPlan
  | Ec2CredentialFilePlan
  | BotoFilePlan
  | AssumeRolePlan<Plan>
  | WebIdentityPlan
  | SsoPlan
  | LoginPlan
  | ProcessPlan
  | ContainerPlan
  | InstanceMetadataPlan
  | ProvidedPlan
  | {
      /** No source is configured, which is an error only if credentials are needed: an unsigned token needs none. */
      readonly kind: 'none'
      readonly why: string
    }

/** A kind of credential source. */
interface Source<P extends Plan> {
  /** Imports the function that loads the credentials, with the code that uses the network or starts a process. */
  readonly loader: () => Promise<
    (plan: P, context: LoadContext, step: LoadStep<Plan>) => Promise<Credentials> | Credentials
  >
  /** Whether loading neither starts a process nor uses the network. */
  readonly isLocal: boolean
  /**
   * The text whose SHA-1 names the AWS CLI's cache file; undefined for what the AWS CLI does not cache. It contains neither
   * the base credentials nor the region nor the profile, so profiles with the same role share a session.
   * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/credentials.py (_create_cache_key)
   */
  readonly awsCacheKey?: (plan: P) => string
}

/** The source of every kind of plan; the compiler reports a kind without one. */
const SOURCES: { readonly [Kind in Plan['kind']]: Source<Extract<Plan, { kind: Kind }>> } = {
  environment: {
    loader:
      async () =>
      (_, { runtime }) =>
        environmentCredentials(runtime),
    isLocal: true,
  },
  'profile-keys': {
    loader:
      async () =>
      ({ profile, file }, { settings }) =>
        profileCredentials(settings, profile, file),
    isLocal: true,
  },
  'ec2-credential-file': {
    loader: async () => (await import('./legacy-files.ts')).loadEc2CredentialFile,
    isLocal: true,
  },
  'boto-file': {
    loader: async () => (await import('./legacy-files.ts')).loadBotoFile,
    isLocal: true,
  },
  'assume-role': {
    loader: async () => (await import('./sts.ts')).loadRole,
    isLocal: false,
    awsCacheKey: ({ roleArn, sessionName, externalId, durationSeconds, mfaSerial }) =>
      pythonJson({
        DurationSeconds: durationSeconds,
        ExternalId: externalId,
        RoleArn: roleArn,
        RoleSessionName: sessionName || undefined,
        SerialNumber: mfaSerial,
      }),
  },
  'web-identity': {
    loader: async () => (await import('./sts.ts')).loadWebIdentityRole,
    isLocal: false,
    awsCacheKey: ({ roleArn, sessionName }) =>
      pythonJson({ RoleArn: roleArn, RoleSessionName: sessionName || undefined }),
  },
  sso: {
    loader: async () => (await import('./sso.ts')).loadSso,
    isLocal: false,
    awsCacheKey: ({ accountId, roleName, session, startUrl }) => {
      const login = session === undefined ? { startUrl } : { sessionName: session }
      return pythonJson({ accountId, roleName, ...login }, ',', ':')
    },
  },
  login: {
    loader: async () => (await import('./login.ts')).loginCredentials,
    isLocal: false,
  },
  process: {
    loader: async () => (await import('./process.ts')).runCredentialProcess,
    isLocal: false,
  },
  container: {
    loader: async () => (await import('./container.ts')).loadContainer,
    isLocal: false,
  },
  'instance-metadata': {
    loader: async () => (await import('./instance-metadata.ts')).loadInstance,
    isLocal: false,
  },
  provided: {
    loader: async () => (await import('./provided.ts')).loadProvided,
    isLocal: false,
  },
  none: {
    loader: async () => {
      const { missingCredentials } = await import('../explain/missing-credentials.ts')
      return ({ why }, context) => {
        throw missingCredentials(why, context)
      }
    },
    isLocal: true,
  },
}

/** The source of a plan, bound to the plan. */
export function sourceOf(plan: Plan) {
  // TypeScript cannot infer that the kind of the plan is that of the source.
  const source = SOURCES[plan.kind] as Source<Plan>
  return {
    load: async (context: LoadContext, step: LoadStep<Plan>) => (await source.loader())(plan, context, step),
    isLocal: source.isLocal,
    awsCacheKey: source.awsCacheKey?.(plan),
  }
}

/** Apart from the sources, so that it is in the bundle of doctor only. */
const DESCRIPTIONS: { readonly [Kind in Plan['kind']]: (plan: Extract<Plan, { kind: Kind }>) => string } = {
  environment: ({ why }) => `credentials in the environment (${why})`,
  'profile-keys': ({ why }) => `static credentials (${why})`,
  'ec2-credential-file': ({ path, why }) => `credential file ${withNativeSeparators(path)} (${why})`,
  'boto-file': ({ path, why }) => `boto config file ${withNativeSeparators(path)} (${why})`,
  'assume-role': ({ roleArn, why, source }) =>
    `role ${redactValue(roleArn)} (${why}), assumed with: ${describePlan(source)}`,
  'web-identity': ({ roleArn, tokenFile, why }) =>
    `role ${redactValue(roleArn)} with the token in ${redactValue(tokenFile)} (${why})`,
  sso: ({ accountId, roleName, why }) =>
    `IAM Identity Center, account ${redactValue(accountId)}, role ${redactValue(roleName)} (${why})`,
  login: ({ session, why }) => `'aws login' session ${redactValue(session)} (${why})`,
  process: ({ program, why }) => `credential_process '${redactCommand(program)}' (${why})`,
  container: ({ url, why }) => `container credentials from ${redactUrl(url)} (${why})`,
  'instance-metadata': ({ endpoint, why }) => `instance metadata at ${redactUrl(endpoint)} (${why})`,
  provided: ({ why }) => `the credentials of the caller (${why})`,
  none: ({ why }) => `no credentials (${why})`,
}

/** A plan in a few words, without secrets. */
export function describePlan(plan: Plan): string {
  // TypeScript cannot see that the plan and the description have the same kind.
  return (DESCRIPTIONS[plan.kind] as (plan: Plan) => string)(plan)
}
