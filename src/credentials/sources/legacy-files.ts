import { endsRun } from '../../errors.ts'
import { describeUnreadable } from '../../file-problem.ts'
import { LINE_BREAK, parseIni, type Section } from '../../python/config-parser.ts'
import { expandPath } from '../../python/expand.ts'
import { strip } from '../../python/strip.ts'
import type { Runtime } from '../../runtime.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import type { LoadContext } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import { invalidConfiguration, partialCredentials } from '../plan/invalid.ts'
import { sectionCredentials, staticCredentials } from './static.ts'

export interface Ec2CredentialFilePlan {
  readonly kind: 'ec2-credential-file'
  readonly why: string
  readonly path: string
}

export interface BotoFilePlan {
  readonly kind: 'boto-file'
  readonly why: string
  readonly path: string
}

/** AWS_CREDENTIAL_FILE of the legacy EC2 tools, then the config files of boto 2. */
export function legacyFilesPlan(runtime: Runtime): Ec2CredentialFilePlan | BotoFilePlan | undefined {
  const { env } = runtime
  if (env.AWS_CREDENTIAL_FILE !== undefined) {
    const path = expandPath(env.AWS_CREDENTIAL_FILE, { ...runtime, env: {} })
    const values = readEc2CredentialFile(path, runtime)
    if (values.has('AWSAccessKeyId')) {
      if (!values.has('AWSSecretKey')) {
        throw partialCredentials(
          'ec2-credentials-file',
          'AWSSecretKey',
          `add AWSSecretKey to ${withNativeSeparators(path)}`,
        )
      }
      return { kind: 'ec2-credential-file', why: 'AWS_CREDENTIAL_FILE is set', path }
    }
  }
  for (const name of env.BOTO_CONFIG === undefined ? ['/etc/boto.cfg', '~/.boto'] : [env.BOTO_CONFIG]) {
    const path = expandPath(name, runtime)
    const section = readBotoFile(path, runtime)
    if (!section?.has('aws_access_key_id')) continue
    if (!section.has('aws_secret_access_key')) {
      throw partialCredentials(
        'boto-config',
        'aws_secret_access_key',
        `add aws_secret_access_key to [Credentials] in ${withNativeSeparators(path)}`,
      )
    }
    return { kind: 'boto-file', why: env.BOTO_CONFIG === undefined ? 'the file exists' : 'BOTO_CONFIG is set', path }
  }
  return undefined
}

/** The file that AWS_CREDENTIAL_FILE names. */
export function loadEc2CredentialFile({ path }: Ec2CredentialFilePlan, { runtime }: LoadContext): Credentials {
  const values = readEc2CredentialFile(path, runtime)
  return staticCredentials(values.get('AWSAccessKeyId'), values.get('AWSSecretKey'), undefined)
}

/** A configuration file of boto 2; it has no session token. */
export function loadBotoFile({ path }: BotoFilePlan, { runtime }: LoadContext): Credentials {
  return { ...sectionCredentials(readBotoFile(path, runtime) ?? new Map(), path), sessionToken: undefined }
}

/**
 * Parses lines of `key=value`; others are ignored.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (parse_key_val_file_contents)
 */
function readEc2CredentialFile(path: string, runtime: Runtime): ReadonlyMap<string, string> {
  const text = readLegacyFile(path, runtime)
  if (text === undefined) {
    throw invalidConfiguration(
      `the file in AWS_CREDENTIAL_FILE, ${withNativeSeparators(path)}, ${describeUnreadable(path)}`,
      'correct AWS_CREDENTIAL_FILE, or unset it',
    )
  }
  const values = new Map<string, string>()
  for (const line of text.replaceAll('\r', '\n').split(LINE_BREAK)) {
    const equals = line.indexOf('=')
    if (equals >= 0) values.set(strip(line.slice(0, equals)), strip(line.slice(equals + 1)))
  }
  return values
}

function readBotoFile(path: string, runtime: Runtime): Section | undefined {
  const text = path === '' ? undefined : readLegacyFile(path, runtime)
  return text === undefined ? undefined : parseIni(text, path).get('Credentials')
}

function readLegacyFile(path: string, runtime: Runtime): string | undefined {
  try {
    return runtime.readText(path)
  } catch (cause) {
    if (endsRun(cause)) throw cause
    throw invalidConfiguration(
      `invalid credential file: ${(cause as Error).message}`,
      'correct AWS_CREDENTIAL_FILE or BOTO_CONFIG, or unset it',
    )
  }
}
