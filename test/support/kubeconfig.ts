/** How a user block is written, for the same cluster by different hands. */
export interface UserBlock {
  clusterName: string
  region: string
  /** Default: the one that the writer of the block uses. */
  apiVersion?: 'client.authentication.k8s.io/v1' | 'client.authentication.k8s.io/v1beta1'
  profile?: string
  roleArn?: string
}

/**
 * What `aws eks update-kubeconfig` writes, to the letter, with one word changed: `command`.
 * `--role` is literal; the AWS CLI relies on its own prefix matching.
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
    // The AWS CLI does not write v1; who changes it by hand has to add this, or kubectl refuses the file.
    ...(apiVersion === 'client.authentication.k8s.io/v1' ? ['  interactiveMode: IfAvailable'] : []),
  )
}

/** The short form, without the AWS CLI's words. */
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

/** A whole kubeconfig with one cluster and one user. */
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
  /** Names the cluster, the user and the context. The AWS CLI writes the ARN of the cluster. */
  entry?: string
  /** More lines of the cluster. */
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
