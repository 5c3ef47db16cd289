import type { Plan } from '../../credentials/plan/types.ts'

/** An ARN of STS or IAM, taken apart into what a cluster maps. */
export interface Principal {
  readonly kind: 'role' | 'user' | 'root' | 'federated-user' | 'other'
  readonly partition: string
  readonly account: string
  /** Of the role or user, without its path. */
  readonly name: string
  /** The role without a path, as the aws-auth ConfigMap wants it; else the ARN itself. */
  readonly mappedArn: string
  /** The role or user with its path, as an access entry wants it; undefined: STS does not tell a role's path. */
  readonly fullArn: string | undefined
}

/**
 * The principal behind an ARN that STS answered. A session (`assumed-role/name/session`) stands for its role, as in the
 * server. https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/arn/arn.go (Canonicalize)
 *
 * @param plan - how the token was made, where that is known: a role that it names has its path
 */
export function parsePrincipal(arn: string, plan: Plan | undefined): Principal {
  const [, partition = '', , , account = '', ...rest] = arn.split(':')
  const [type = '', ...path] = rest.join(':').split('/')
  if (type === 'assumed-role') {
    const name = path[0] ?? ''
    const mappedArn = `arn:${partition}:iam::${account}:role/${name}`
    return { kind: 'role', partition, account, name, mappedArn, fullArn: plannedRole(plan, account, name) }
  }
  const kind = type === 'user' || type === 'root' || type === 'federated-user' ? type : 'other'
  const name = path.at(-1) ?? type
  return { kind, partition, account, name, mappedArn: arn, fullArn: arn }
}

/** The role that signs is the outermost of the plan; the ones below it only assumed it. */
function plannedRole(plan: Plan | undefined, account: string, name: string): string | undefined {
  if (plan?.kind !== 'assume-role' && plan?.kind !== 'web-identity') return undefined
  const [, , , plannedAccount, path] = /^(arn):([\w-]+):iam::(\d{12}):role\/(.+)$/.exec(plan.roleArn) ?? []
  return plannedAccount === account && path?.split('/').at(-1) === name ? plan.roleArn : undefined
}

/** Roles of IAM Identity Center have a path that depends on its home region. */
export function isSsoRole({ kind, name }: Principal): boolean {
  return kind === 'role' && name.startsWith('AWSReservedSSO_')
}
