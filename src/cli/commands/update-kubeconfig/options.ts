import type { Runtime } from '../../../runtime.ts'
import { type OptionSpec, setsFlag, setsText } from '../../args/option.ts'
import { OPTIONS } from '../../args/options.ts'
import { readParameterFile } from '../../args/parameter-values.ts'

/** What the options of update-kubeconfig set, beside the global options. */
export interface UpdateOptions {
  name: string
  kubeconfig?: string
  roleArn?: string
  proxyUrl?: string
  dryRun: boolean
  verbose: boolean
  alias?: string
  userAlias?: string
  assumeRoleArn?: string
  execApiVersion: 'v1' | 'v1beta1'
  namespace?: string
  clusterAlias?: string
  keepCurrentContext: boolean
  /** '': none. */
  execProfile?: string
  absolutePath: boolean
  force: boolean
  all: boolean
  sharedUser: boolean
  /** undefined: what the entry has stays. */
  login?: string
  aliasFormat?: string
}

interface UpdateOption extends OptionSpec {
  readonly level: 'update-kubeconfig'
  readonly set: (options: UpdateOptions, value: string) => void
}

const level = 'update-kubeconfig'

/**
 * The options of update-kubeconfig: those of the AWS CLI first, in its order, in which an ambiguous prefix lists them.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/eks/update_kubeconfig.py
 */
export const UPDATE_OPTIONS: readonly UpdateOption[] = [
  {
    name: 'name',
    level,
    origin: 'aws',
    value: 'name',
    help: 'name of the EKS cluster (required)',
    ...setsText('name'),
  },
  {
    name: 'kubeconfig',
    level,
    origin: 'aws',
    value: 'file',
    help: 'kubeconfig to write (default: the file in KUBECONFIG that has the cluster, else the first, else ~/.kube/config)',
    ...setsText('kubeconfig'),
  },
  {
    name: 'role-arn',
    level,
    origin: 'aws',
    value: 'arn',
    help: 'IAM role to assume for tokens; written into the kubeconfig',
    ...setsText('roleArn'),
  },
  {
    name: 'proxy-url',
    level,
    origin: 'aws',
    value: 'url',
    help: 'proxy between kubectl and the cluster; written into the kubeconfig',
    ...setsText('proxyUrl'),
  },
  {
    name: 'dry-run',
    level,
    origin: 'aws',
    help: 'print the kubeconfig and write nothing',
    ...setsFlag('dryRun'),
  },
  {
    name: 'verbose',
    level,
    origin: 'aws',
    help: 'print the entries that are written',
    ...setsFlag('verbose'),
  },
  {
    name: 'alias',
    level,
    origin: 'aws',
    value: 'name',
    help: 'name of the context (default: the name of the user)',
    ...setsText('alias'),
  },
  {
    name: 'user-alias',
    level,
    origin: 'aws',
    value: 'name',
    help: "name of the user (default: the cluster's ARN)",
    ...setsText('userAlias'),
  },
  {
    name: 'assume-role-arn',
    level,
    origin: 'aws',
    value: 'arn',
    help: 'IAM role to assume for DescribeCluster only',
    ...setsText('assumeRoleArn'),
  },
  {
    name: 'exec-api-version',
    level,
    origin: 'own',
    value: 'version',
    choices: ['v1', 'v1beta1'],
    help: 'version of the exec plugin API: v1, or v1beta1 for kubectl before 1.22 (default: v1)',
    set: (options, value) => {
      options.execApiVersion = value as UpdateOptions['execApiVersion']
    },
  },
  {
    name: 'namespace',
    level,
    origin: 'own',
    value: 'name',
    help: 'namespace of the context',
    ...setsText('namespace'),
  },
  {
    name: 'cluster-alias',
    level,
    origin: 'own',
    value: 'name',
    help: "name of the cluster entry (default: the cluster's ARN)",
    ...setsText('clusterAlias'),
  },
  {
    name: 'keep-current-context',
    level,
    origin: 'own',
    help: 'do not change current-context if it is set',
    ...setsFlag('keepCurrentContext'),
  },
  {
    name: 'exec-profile',
    level,
    origin: 'own',
    value: 'name',
    help: "AWS profile for tokens, '' for none (default: the profile of this command)",
    ...setsText('execProfile'),
  },
  {
    name: 'absolute-path',
    level,
    origin: 'own',
    help: 'write the path of this program, for clients that do not have it in their PATH',
    ...setsFlag('absolutePath'),
  },
  {
    name: 'login',
    level,
    origin: 'own',
    value: 'when',
    choices: ['never', 'auto'],
    help: 'auto: kubectl signs in when the login has expired; written into the kubeconfig',
    ...setsText('login'),
  },
  {
    name: 'shared-user',
    level,
    origin: 'own',
    help: 'one user for all clusters (default name: eks-get-token); cluster-specific settings are in the cluster entries',
    ...setsFlag('sharedUser'),
  },
  {
    name: 'all',
    level,
    origin: 'own',
    help: 'write all clusters in the account and region, instead of --name; current-context is not changed',
    ...setsFlag('all'),
  },
  {
    name: 'alias-format',
    level,
    origin: 'own',
    value: 'template',
    help: 'template for context names, with {name}, {region} and {account}',
    ...setsText('aliasFormat'),
  },
  {
    name: 'force',
    level,
    origin: 'own',
    help: 'overwrite a user or context that belongs to another cluster or role (in scripts, those of EKS clusters are always overwritten)',
    ...setsFlag('force'),
  },
]

/** Global options that have an effect here, in contrast to get-token. */
const EFFECTIVE_GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'endpoint-url',
    level: 'global',
    origin: 'aws',
    value: 'url',
    help: 'EKS endpoint, for DescribeCluster only',
  },
  {
    name: 'ca-bundle',
    level: 'global',
    origin: 'aws',
    value: 'file',
    help: 'CA certificates, for DescribeCluster only',
  },
]

/** All options that have an effect, as help and completion show them. The output is a kubeconfig, or a line about one. */
export const SHOWN_OPTIONS: readonly OptionSpec[] = [
  ...UPDATE_OPTIONS,
  ...EFFECTIVE_GLOBAL_OPTIONS,
  ...OPTIONS.filter(({ level, group }) => level === 'global' && group !== undefined && group !== 'output'),
]

/**
 * @param values - option name → value, or true for a flag; a `file://` value is replaced by the contents of the file
 * @throws EksTokenError `ERR_PARAMETER`
 */
export function applyUpdateOptions(values: ReadonlyMap<string, string | true>, runtime: Runtime): UpdateOptions {
  const options: UpdateOptions = {
    name: '',
    dryRun: false,
    verbose: false,
    execApiVersion: 'v1',
    keepCurrentContext: false,
    absolutePath: false,
    force: false,
    all: false,
    sharedUser: false,
  }
  for (const { name, set } of UPDATE_OPTIONS) {
    const value = values.get(name)
    if (value !== undefined) set(options, value === true ? '' : readParameterFile(value, name, runtime))
  }
  return options
}
