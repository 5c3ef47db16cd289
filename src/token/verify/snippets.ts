import { shellQuote } from '../../python/shlex.ts'
import { isSsoRole, type Principal } from './principal.ts'

/** Configuration that grants a principal access to a cluster, to be applied by a cluster admin. */
export interface Snippets {
  /** An item of the aws-auth ConfigMap; undefined for a principal that cannot be mapped. */
  readonly awsAuth: string | undefined
  /** An AWS CLI command that creates an access entry. */
  readonly accessEntry: string | undefined
  /** What to know about the path of the role. */
  readonly pathNote: string | undefined
}

/**
 * The two ways to grant access. The ConfigMap requires the role ARN without its path, an access entry the whole ARN.
 * https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
 * https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function snippetsFor(principal: Principal, clusterName: string): Snippets {
  const { kind, name, mappedArn, fullArn } = principal
  if (kind !== 'role' && kind !== 'user') return { awsAuth: undefined, accessEntry: undefined, pathNote: undefined }
  const [list, key] = kind === 'role' ? ['mapRoles', 'rolearn'] : ['mapUsers', 'userarn']
  const awsAuth = `${list}: |\n  - ${key}: ${mappedArn}\n    username: ${name}\n    groups:\n      - GROUP`
  const accessEntry = `aws eks create-access-entry --cluster-name ${shellQuote(clusterName)} \\\n  --principal-arn ${fullArn ?? mappedArn}`
  return { awsAuth, accessEntry, pathNote: pathNote(principal) }
}

function pathNote(principal: Principal): string | undefined {
  const { kind, name, fullArn, mappedArn } = principal
  if (kind !== 'role') return undefined
  if (fullArn === mappedArn) return undefined
  if (fullArn !== undefined) {
    return 'The role has a path: the ARN in the ConfigMap must omit it, the ARN in the access entry must include it.'
  }
  const sso = isSsoRole(principal) ? ' Roles of IAM Identity Center always have a path.' : ''
  return `STS does not return the path of a role. If the role has one, the access entry must include it.${sso} To look it up:\naws iam get-role --role-name ${shellQuote(name)} --query Role.Arn --output text`
}
