/**
 * Where the AWS CLI reads an option: with the words before the service, or with those of the command itself. `own`: an
 * option of one of our own commands, whose file has it.
 */
export type OptionLevel = 'global' | 'get-token' | 'own'

/**
 * One option of the command line. The table is the only list of the options of get-token, and of those that all commands
 * have in common: argv is read by it (aws-arguments.ts), commander and its help are built from it (program.ts), and the
 * README's table is checked against it.
 */
export interface OptionSpec {
  readonly name: string
  readonly level: OptionLevel
  /** A second spelling, of our own options only. */
  readonly short?: string
  /** Name of the value in the help; an option without one is a switch. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly help: string
  /**
   * `aws`: an option of the AWS CLI, which may be shortened to an unambiguous prefix. `own`: ours, matched by its
   * full name only, so that it can never change what a prefix means to a user of the AWS CLI.
   */
  readonly origin: 'aws' | 'own'
  /** Accepted and checked as the AWS CLI does, and without effect on get-token there as well as here. */
  readonly ignored?: true
}

/**
 * The AWS CLI's global options, in its own order: that is the order in which an ambiguous prefix lists them.
 * https://docs.aws.amazon.com/cli/latest/reference/#global-options
 */
export const OPTIONS: readonly OptionSpec[] = [
  { name: 'debug', level: 'global', origin: 'aws', help: 'trace the decisions to stderr; no secret is shown' },
  {
    name: 'endpoint-url',
    level: 'global',
    value: 'url',
    origin: 'aws',
    ignored: true,
    help: 'accepted; get-token signs for STS, see AWS_ENDPOINT_URL_STS',
  },
  {
    name: 'no-verify-ssl',
    level: 'global',
    origin: 'aws',
    ignored: true,
    help: 'accepted; certificates are always verified',
  },
  { name: 'no-paginate', level: 'global', origin: 'aws', ignored: true, help: 'accepted; there are no pages' },
  {
    name: 'output',
    level: 'global',
    value: 'format',
    choices: ['json', 'text', 'table', 'yaml', 'yaml-stream', 'off'],
    origin: 'aws',
    help: 'json, text, table, yaml, yaml-stream or off (default: json)',
  },
  { name: 'query', level: 'global', value: 'jmespath', origin: 'aws', help: 'print this part of the answer only' },
  {
    name: 'profile',
    level: 'global',
    value: 'name',
    origin: 'aws',
    help: 'AWS profile; beats keys in the environment (default: AWS_PROFILE)',
  },
  {
    name: 'region',
    level: 'global',
    value: 'name',
    origin: 'aws',
    help: "AWS region (default: AWS_REGION, then the profile's region)",
  },
  { name: 'version', level: 'global', origin: 'aws', help: 'print the version' },
  {
    name: 'color',
    level: 'global',
    value: 'when',
    choices: ['on', 'off', 'auto'],
    origin: 'aws',
    help: 'colour in tables: on, off or auto (default: auto)',
  },
  {
    name: 'no-sign-request',
    level: 'global',
    origin: 'aws',
    help: 'do not sign: makes a token that no server accepts',
  },
  {
    name: 'ca-bundle',
    level: 'global',
    value: 'file',
    origin: 'aws',
    ignored: true,
    help: 'accepted; see AWS_CA_BUNDLE and ca_bundle',
  },
  {
    name: 'cli-read-timeout',
    level: 'global',
    value: 'seconds',
    origin: 'aws',
    help: 'longest wait for an answer, 0: no limit (default: 60)',
  },
  {
    name: 'cli-connect-timeout',
    level: 'global',
    value: 'seconds',
    origin: 'aws',
    help: 'longest wait for a connection, 0: no limit (default: 60)',
  },
  {
    name: 'cli-binary-format',
    level: 'global',
    value: 'format',
    choices: ['base64', 'raw-in-base64-out'],
    origin: 'aws',
    ignored: true,
    help: 'accepted; nothing here is binary',
  },
  { name: 'no-cli-pager', level: 'global', origin: 'aws', ignored: true, help: 'accepted; there is no pager' },
  { name: 'cli-auto-prompt', level: 'global', origin: 'aws', ignored: true, help: 'accepted; nothing is prompted for' },
  { name: 'no-cli-auto-prompt', level: 'global', origin: 'aws', ignored: true, help: 'accepted' },
  {
    name: 'cli-error-format',
    level: 'global',
    value: 'format',
    choices: ['legacy', 'json', 'yaml', 'text', 'table', 'enhanced'],
    origin: 'aws',
    ignored: true,
    help: 'accepted; errors are a sentence and the next step',
  },
  {
    name: 'timeout',
    level: 'global',
    value: 'seconds',
    origin: 'own',
    help: 'longest the whole run may take, 0: no limit (default: 60)',
  },
  {
    name: 'no-cache',
    level: 'global',
    origin: 'own',
    help: 'neither use nor keep credentials of roles and SSO in a cache',
  },
  { name: 'help', level: 'global', short: '-h', origin: 'own', help: 'show this help' },
  {
    name: 'cluster-name',
    level: 'get-token',
    value: 'name',
    origin: 'aws',
    help: 'name of the EKS cluster',
  },
  {
    name: 'role-arn',
    level: 'get-token',
    value: 'arn',
    origin: 'aws',
    help: 'assume this role first, and sign as it',
  },
  {
    name: 'cluster-id',
    level: 'get-token',
    value: 'id',
    origin: 'aws',
    help: 'in place of the name: id of a local cluster on AWS Outposts',
  },
  {
    name: 'external-id',
    level: 'get-token',
    value: 'id',
    origin: 'own',
    help: 'for --role-arn: the external id that its trust policy asks for',
  },
  {
    name: 'role-session-name',
    level: 'get-token',
    value: 'name',
    origin: 'own',
    help: 'for --role-arn: name of the session (default: EKSGetTokenAuth)',
  },
  {
    name: 'duration-seconds',
    level: 'get-token',
    value: 'seconds',
    origin: 'own',
    help: 'for --role-arn: how long its session lasts, 900 or more (default: 3600)',
  },
  {
    name: 'mfa-serial',
    level: 'get-token',
    value: 'serial',
    origin: 'own',
    help: 'for --role-arn: the MFA device whose code is asked for',
  },
]
