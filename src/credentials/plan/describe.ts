import { redactCommand, redactUrl, redactValue } from '../../redact.ts'
import type { Plan } from './types.ts'

/** Not part of the registry of sources: only doctor needs it, and every run loads the registry. */
const DESCRIPTIONS: { readonly [Kind in Plan['kind']]: (plan: Extract<Plan, { kind: Kind }>) => string } = {
  environment: ({ why }) => `credentials in the environment (${why})`,
  'profile-keys': ({ why }) => `static credentials (${why})`,
  'ec2-credential-file': ({ path, why }) => `credential file ${path} (${why})`,
  'boto-file': ({ path, why }) => `boto configuration file ${path} (${why})`,
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
  none: ({ why }) => `no credentials (${why})`,
}

/** A plan in a few words, without secrets. */
export function describePlan(plan: Plan): string {
  // TypeScript cannot see that the plan and the description have the same kind.
  return (DESCRIPTIONS[plan.kind] as (plan: Plan) => string)(plan)
}
