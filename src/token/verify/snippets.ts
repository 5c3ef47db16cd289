import { isSsoRole, type Principal } from './principal.ts'

/** Texts to copy, for who administers the cluster. */
export interface Snippets {
  /** An item of the aws-auth ConfigMap; undefined for a principal that cannot stand there. */
  readonly awsAuth: string | undefined
  readonly accessEntry: string | undefined
  /** What is to be known of the path; undefined: nothing. */
  readonly pathNote: string | undefined
}

/**
 * The two ways into a cluster. The ConfigMap wants a role without its path, an access entry wants it with.
 * https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
 * https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function snippetsFor(principal: Principal, clusterName: string): Snippets {
  const { kind, name, mappedArn, fullArn } = principal
  if (kind !== 'role' && kind !== 'user') return { awsAuth: undefined, accessEntry: undefined, pathNote: undefined }
  const [list, key] = kind === 'role' ? ['mapRoles', 'rolearn'] : ['mapUsers', 'userarn']
  const awsAuth = `${list}: |\n  - ${key}: ${mappedArn}\n    username: ${name}\n    groups:\n      - GROUP`
  const accessEntry = `aws eks create-access-entry --cluster-name ${quoted(clusterName)} \\\n  --principal-arn ${fullArn ?? mappedArn}`
  return { awsAuth, accessEntry, pathNote: pathNote(principal) }
}

function pathNote(principal: Principal): string | undefined {
  const { kind, name, fullArn, mappedArn } = principal
  if (kind !== 'role') return undefined
  if (fullArn === mappedArn) return undefined
  if (fullArn !== undefined) return 'The role has a path. The ConfigMap wants it left out, the access entry wants it.'
  const where = isSsoRole(principal) ? ' This one has: it is of IAM Identity Center.' : ''
  return `STS does not tell the path of a role, and an access entry needs it where there is one.${where} To see it:\naws iam get-role --role-name ${quoted(name)} --query Role.Arn --output text`
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
