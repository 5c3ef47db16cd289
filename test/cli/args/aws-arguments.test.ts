import { describe, expect, test } from 'vitest'
import { parseAwsArguments } from '../../../src/cli/args/aws-arguments.ts'
import { suggestion } from '../../../src/cli/error-details.ts'
import { type EksTokenError, isEksTokenError } from '../../../src/errors.ts'
import { runtimeWith } from '../../support/runtime.ts'

const parse = (argv: string) => parseAwsArguments(argv === '' ? [] : argv.split(' '))

/** The options of a line in one spelling. */
const ok = (argv: string) =>
  [...parse(argv).values].map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`)).join(' ')

describe('command lines that are accepted', () => {
  test.each([
    [
      '--region us-east-1 eks get-token --cluster-name c --output json',
      '--region=us-east-1 --output=json --cluster-name=c',
    ],
    ['eks --region us-east-1 get-token --cluster-name c', '--region=us-east-1 --cluster-name=c'],
    ['eks get-token --cluster-name c --region us-east-1', '--region=us-east-1 --cluster-name=c'],
    ['get-token --cluster-name c', '--cluster-name=c'],
    ['--cluster-name c', '--cluster-name=c'],
    ['--cluster-name eks', '--cluster-name=eks'],
    ['--cluster-name get-token', '--cluster-name=get-token'],
    ['--cluster-name=c eks get-token', '--cluster-name=c'],
    ['--region r get-token --cluster-name c', '--region=r --cluster-name=c'],
    ['eks get-token --cluster-n c --role r', '--cluster-name=c --role-arn=r'],
    ['eks get-token --cluster-i c --reg r --prof p --o text', '--region=r --profile=p --output=text --cluster-id=c'],
    ['eks get-token --r r --p p', '--region=r --profile=p'],
    ['eks get-token --role=r --cluster-name=', '--role-arn=r --cluster-name='],
    ['eks get-token --cluster-name a --cluster-name b', '--cluster-name=b'],
    ['eks get-token --cluster-name=-x', '--cluster-name=-x'],
    ['eks get-token --cluster-name -5', '--cluster-name=-5'],
    ['eks get-token --cluster-name=a=b', '--cluster-name=a=b'],
    ['eks get-token -- --cluster-name c', '--cluster-name=c'],
    ['-- eks get-token --cluster-name c', '--cluster-name=c'],
    ['eks get-token --no-cli-pager --no-paginate --debug', '--no-cli-pager --no-paginate --debug'],
  ])('%s', (argv, expected) => expect(ok(argv)).toBe(expected))
  test.each(['-5', '-.5', '-٣', '-5\n'])('%j is a negative number for Python, and thus a value', (number) => {
    expect(parseAwsArguments(['eks', 'get-token', '--cluster-name', number]).values.get('cluster-name')).toBe(number)
  })
  test('a value with a space may start with a dash', () => {
    const { values } = parseAwsArguments(['eks', 'get-token', '--cluster-name', '-a b'])
    expect(values.get('cluster-name')).toBe('-a b')
  })
})

describe('command lines that are rejected, with the messages of the AWS CLI', () => {
  test.each([
    ['', /required/],
    ['ekss get-token', /argument command: Found invalid choice 'ekss'/],
    ['eks get-tokenn', /argument operation: Found invalid choice 'get-tokenn'/],
    ['eks', /required: operation/],
    ['s3 ls', /Found invalid choice 's3'/],
    ['eks get-token --cluster c', /ambiguous option: --cluster could match --cluster-name, --cluster-id/],
    ['eks get-token --c c', /ambiguous option: --c could match --color, --ca-bundle, --cli-read-timeout/],
    ['eks get-token --no-cli', /ambiguous option: --no-cli could match --no-cli-pager, --no-cli-auto-prompt/],
    ['eks get-token --cluster-name', /argument --cluster-name: expected one argument/],
    ['eks get-token --cluster-name --region r', /argument --cluster-name: expected one argument/],
    ['eks get-token --cluster-name -x', /argument --cluster-name: expected one argument/],
    ['eks get-token --debug=1', /argument --debug: ignored explicit argument '1'/],
    ['--version=1', /argument --version: ignored explicit argument '1'/],
    ['eks get-token --v=', /argument --version: ignored explicit argument ''/],
    ['eks get-token --cluster-name -5.', /argument --cluster-name: expected one argument/],
    ['eks get-token --output bogus', /argument --output: Found invalid choice 'bogus'/],
    ['eks get-token --color=bogus', /argument --color: Found invalid choice 'bogus'/],
    ['eks get-token --Cluster-Name c', /Unknown options: --Cluster-Name,c/],
    ['eks get-token --generate-cli-skeleton', /Unknown options: --generate-cli-skeleton/],
    ['eks get-token --cluster-name c extra', /Unknown options: extra/],
    ['eks get-token --hel', /Unknown options: --hel/],
    ['--cluster-name c eks get-token', /Found invalid choice 'c'/],
    ['--cluster-name c --nope', /Unknown options: --nope/],
  ])('%s', (argv, message) => {
    expect(() => ok(argv)).toThrowError(
      expect.objectContaining({ code: 'ERR_USAGE', exitCode: 252, message: expect.stringMatching(message) }),
    )
  })
})

test.each([
  ['--version', 'version'],
  ['--v', 'version'],
  ['eks get-token --version --nope', 'version'],
  ['help', 'help'],
  ['eks help', 'help'],
  ['eks get-token help', 'help'],
  ['--help', 'help'],
  ['-h', 'help'],
  ['eks get-token -h', 'help'],
  ['eks get-token --help', 'help'],
  ['get-token --cluster-name c --help', 'help'],
])('%j is parsed as a request for the %s', (argv, command) => expect(parse(argv).command).toBe(command))

test.each([
  ['--cluser-name demo', 'did you mean --cluster-name?'],
  ['--clustername=demo', 'did you mean --cluster-name?'],
  ['eks get-token --rolearn x', 'did you mean --role-arn?'],
  ['--Cluster-Name demo', 'did you mean --cluster-name?'],
  ['eks get-token --profil_ x', 'did you mean --profile?'],
  ['--xyz demo', undefined],
  ['-i demo', 'did you mean --cluster-name?'],
  ['-p dev', 'did you mean --profile?'],
  ['-V', 'did you mean --version?'],
  ['-x', undefined],
  ['get-token --name demo', 'did you mean --cluster-name?'],
  ['get-token --role-arm x', 'did you mean --role-arn?'],
  ['get-token demo', 'did you mean --cluster-name demo?'],
  ['eks get-token --region us-west-2 demo', 'did you mean --cluster-name demo?'],
  ['--cluster-name my cluster', "quote a value that contains spaces, or remove 'cluster'; run 'eks-get-token --help'"],
  ['get-token hlp', "did you mean 'eks-get-token --help'?"],
  ['ek get-token', 'did you mean eks?'],
  ['eks get-tokn', 'did you mean get-token?'],
  ['eks hlp', 'did you mean help?'],
  ['hlep doctor', 'did you mean help?'],
  ['help docter', 'did you mean doctor?'],
  ['version', 'did you mean --version?'],
  ['eks doctor', "run 'eks-get-token doctor', without arguments before it"],
  ['sso lgin', "did you mean 'eks-get-token sso login'?"],
  ['sso list-accounts', "use 'eks-get-token sso login' or 'eks-get-token sso logout'"],
  [
    'configure',
    expect.stringMatching(/^specify the cluster with --cluster-name, or use one of the commands get-token, /),
  ],
  ['get-tokn --cluster-name c', 'did you mean get-token?'],
  ['eks gettoken', 'did you mean get-token?'],
  ['update-kubecfg --name c', 'did you mean update-kubeconfig?'],
  ['docter', 'did you mean doctor?'],
  ['Verify', 'did you mean verify?'],
  ['inspcet', 'did you mean inspect?'],
])('%s: %s', (argv, hint) => {
  const error = attemptParse(argv)
  expect(error?.code).toBe('ERR_USAGE')
  expect(error?.mistyped && suggestion(error.mistyped, argv.split(' '), runtimeWith())).toEqual(hint)
  expect(error?.remedy).toMatch(/eks-get-token --help/)
})

describe('started by a link named aws', () => {
  const runtime = runtimeWith({ programPath: '/home/u/bin/aws' })
  const notice = expect.stringMatching(
    /^this aws is a link to eks-get-token \(\/home\/u\/bin\/aws\), which provides only /,
  )
  test.each([
    ['sts get-caller-identity', notice],
    ['s3 ls', notice],
    ['ecs list-clusters', notice],
    ['eks list-clusters', notice],
    ['eks get-tokn', 'did you mean get-token?'],
    ['sso logn', "did you mean 'eks-get-token sso login'?"],
  ])('%s: the hint says what the link has', (argv, hint) => {
    const error = attemptParse(argv)
    expect(error?.mistyped && suggestion(error.mistyped, argv.split(' '), runtime)).toEqual(hint)
  })
})

function attemptParse(argv: string): EksTokenError | undefined {
  try {
    parseAwsArguments(argv.split(' '), ['doctor', 'inspect', 'verify'])
    return undefined
  } catch (error) {
    return isEksTokenError(error) ? error : undefined
  }
}
