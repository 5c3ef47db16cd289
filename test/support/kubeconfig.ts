/** What the user entry of a kubeconfig is built from. */
export interface UserBlock {
  clusterName: string
  region: string
  /** Default: as the tool writes it. */
  apiVersion?: 'client.authentication.k8s.io/v1' | 'client.authentication.k8s.io/v1beta1'
  profile?: string
  roleArn?: string
}

/**
 * The exact output of `aws eks update-kubeconfig`, except for `command`. `--role` is literal: the AWS CLI relies on its own
 * prefix matching.
 */
export function awsUserBlock({ clusterName, region, apiVersion, profile, roleArn }: UserBlock): string {
  return lines(
    'exec:',
    `  apiVersion: ${apiVersion ?? 'client.authentication.k8s.io/v1beta1'}`,
    '  args:',
    '  - --region',
    `  - ${region}`,
    '  - eks',
    '  - get-token',
    '  - --cluster-name',
    `  - ${clusterName}`,
    '  - --output',
    '  - json',
    ...(roleArn === undefined ? [] : ['  - --role', `  - ${roleArn}`]),
    '  command: eks-get-token',
    ...environment(profile),
    // The AWS CLI does not write v1. With v1, kubectl requires interactiveMode.
    ...(apiVersion === 'client.authentication.k8s.io/v1' ? ['  interactiveMode: IfAvailable'] : []),
  )
}

/** The short form, without `eks get-token`. */
export function ownUserBlock({ clusterName, region, apiVersion, profile, roleArn }: UserBlock): string {
  const role = roleArn === undefined ? '' : `, --role-arn, '${roleArn}'`
  return lines(
    'exec:',
    `  apiVersion: ${apiVersion ?? 'client.authentication.k8s.io/v1'}`,
    '  command: eks-get-token',
    `  args: [--cluster-name, ${clusterName}, --region, ${region}${role}]`,
    ...environment(profile),
    '  interactiveMode: IfAvailable',
  )
}

function environment(profile: string | undefined): string[] {
  return profile === undefined ? [] : ['  env:', '  - name: AWS_PROFILE', `    value: ${profile}`]
}

/** A kubeconfig with one cluster and one user. */
export function kubeconfig({
  server,
  certificate,
  user,
  entry = 'local',
  cluster = [],
}: {
  server: string
  certificate: string
  user: string
  /** Name of the cluster, user and context entries. The AWS CLI writes the cluster's ARN. */
  entry?: string
  /** Additional lines of the cluster entry. */
  cluster?: readonly string[]
}): string {
  return lines(
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${Buffer.from(certificate).toString('base64')}`,
    `    server: ${server}`,
    ...cluster.map((line) => `    ${line}`),
    `  name: ${entry}`,
    'contexts:',
    '- context:',
    `    cluster: ${entry}`,
    `    user: ${entry}`,
    `  name: ${entry}`,
    `current-context: ${entry}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    `- name: ${entry}`,
    '  user:',
    user.replace(/^(?=.)/gm, '    '),
  )
}

function lines(...text: string[]): string {
  return `${text.join('\n')}\n`
}
