import { expandPath } from '../../python/expand.ts'
import type { Runtime } from '../../runtime.ts'
import { readBotoFile, readEc2CredentialFile } from '../sources/legacy-files.ts'
import type { Plan } from '../sources/registry.ts'
import { partialCredentials } from './invalid.ts'

/** AWS_CREDENTIAL_FILE of the legacy EC2 tools, then the config files of boto 2. */
export function legacyFilesPlan(runtime: Runtime): Plan | undefined {
  const { env } = runtime
  if (env.AWS_CREDENTIAL_FILE !== undefined) {
    const path = expandPath(env.AWS_CREDENTIAL_FILE, { ...runtime, env: {} })
    const values = readEc2CredentialFile(path, runtime)
    if (values.has('AWSAccessKeyId')) {
      if (!values.has('AWSSecretKey')) {
        throw partialCredentials('ec2-credentials-file', 'AWSSecretKey', `add AWSSecretKey to ${path}`)
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
        `add aws_secret_access_key to [Credentials] in ${path}`,
      )
    }
    return { kind: 'boto-file', why: env.BOTO_CONFIG === undefined ? 'the file exists' : 'BOTO_CONFIG is set', path }
  }
  return undefined
}
