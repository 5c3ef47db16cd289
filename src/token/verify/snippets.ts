import { continuedLine, quoteWord } from '../../command-line.ts'
import { isSsoRole, type Principal } from './principal.ts'

/** Configuration that grants a principal access to a cluster, to be applied by a cluster admin. */
export interface Snippets {
  /** An item of the aws-auth ConfigMap; undefined for a principal that cannot be mapped. */
  readonly awsAuth: string | undefined
  /** AWS CLI commands that create an access entry and give it a policy. */
  readonly accessEntry: string | undefined
  /** What to know about the path of the role. */
  readonly pathNote: string | undefined
}

/**
 * The two ways to grant access. The ConfigMap requires the role ARN without its path, an access entry the whole ARN.
 * https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
 * https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 *
 * @param region - of the cluster; undefined: unknown
 * @param platform - of the user who copies them, not of the cluster
 */
export function snippetsFor(
  principal: Principal,
  clusterName: string,
  region: string | undefined,
  platform: string,
): Snippets {
  const { kind, name, mappedArn, partition } = principal
  if (kind !== 'role' && kind !== 'user') return { awsAuth: undefined, accessEntry: undefined, pathNote: undefined }
  const [list, key] = kind === 'role' ? ['mapRoles', 'rolearn'] : ['mapUsers', 'userarn']
  const awsAuth = `${list}: |\n  - ${key}: ${mappedArn}\n    username: ${name}\n    groups:\n      - GROUP`
  const quote = (word: string): string => quoteWord(word, platform)
  const cluster = `--cluster-name ${quote(clusterName)}${region === undefined ? '' : ` --region ${quote(region)}`}`
  const arn = `--principal-arn ${entryArn(principal, platform)}`
  // The policy that allows the least; it is enough for kubectl get.
  const policy = `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSViewPolicy`
  const accessEntry = [
    continuedLine([`aws eks create-access-entry ${cluster}`, arn], platform),
    continuedLine(
      [`aws eks associate-access-policy ${cluster}`, arn, `--access-scope type=cluster --policy-arn ${policy}`],
      platform,
    ),
    // For cmd.exe this is an unknown command, without effect.
    '# or, for RBAC, add to create-access-entry: --kubernetes-groups GROUP',
  ].join('\n')
  return { awsAuth, accessEntry, pathNote: pathNote(principal, platform) }
}

/** Where the path of a role is unknown, the shell looks the ARN up. cmd.exe cannot: the user does, as the path note says. */
function entryArn({ kind, name, mappedArn, fullArn }: Principal, platform: string): string {
  if (fullArn !== undefined || kind !== 'role') return fullArn ?? mappedArn
  return platform === 'win32' ? 'ROLE_ARN' : `"$(${lookUpRole(name, platform)})"`
}

function lookUpRole(name: string, platform: string): string {
  return `aws iam get-role --role-name ${quoteWord(name, platform)} --query Role.Arn --output text`
}

function pathNote(principal: Principal, platform: string): string | undefined {
  const { kind, name, fullArn, mappedArn } = principal
  if (kind !== 'role') return undefined
  if (fullArn === mappedArn) return undefined
  if (fullArn !== undefined) {
    return 'The role has a path: the ARN in the ConfigMap must omit it, the ARN in the access entry must include it.'
  }
  const sso = isSsoRole(principal) ? ' Roles of IAM Identity Center always have a path.' : ''
  return `STS does not return the path of a role. If the role has one, the access entry must include it.${sso} To look it up:\n${lookUpRole(name, platform)}`
}
