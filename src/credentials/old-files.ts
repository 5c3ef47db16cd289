import { expandPath, type FileSystem, parseIni, type Section } from '../settings/profiles.ts'
import { partial, unusable } from './misconfigured.ts'
import type { Plan } from './plan.ts'

/** AWS_CREDENTIAL_FILE of the old EC2 tools, then the files of boto 2. */
export function oldFilesPlan(system: FileSystem): Plan | undefined {
  const { env } = system
  if (env.AWS_CREDENTIAL_FILE !== undefined) {
    const path = expandPath(env.AWS_CREDENTIAL_FILE, { ...system, env: {} })
    const keys = readEc2CredentialFile(path, system)
    if (keys.has('AWSAccessKeyId')) {
      if (!keys.has('AWSSecretKey')) throw partial('ec2-credentials-file', 'AWSSecretKey', `add it to ${path}`)
      return { kind: 'ec2-credential-file', why: 'AWS_CREDENTIAL_FILE names it', path }
    }
  }
  for (const name of env.BOTO_CONFIG === undefined ? ['/etc/boto.cfg', '~/.boto'] : [env.BOTO_CONFIG]) {
    const path = expandPath(name, system)
    const section = readBotoFile(path, system)
    if (!section?.has('aws_access_key_id')) continue
    if (!section.has('aws_secret_access_key')) {
      throw partial('boto-config', 'aws_secret_access_key', `add it to [Credentials] in ${path}`)
    }
    return { kind: 'boto-file', why: env.BOTO_CONFIG === undefined ? 'it is there' : 'BOTO_CONFIG names it', path }
  }
  return undefined
}

/** Lines of `key=value`. */
export function readEc2CredentialFile(path: string, system: FileSystem): ReadonlyMap<string, string> {
  const text = readOldFile(path, system)
  if (text === undefined) {
    throw unusable(`AWS_CREDENTIAL_FILE names ${path}, and there is no such file`, 'correct it, or unset it')
  }
  const keys = new Map<string, string>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (equals >= 0) keys.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim())
    else if (line.trim() !== '') {
      throw unusable(`${path} has a line that is not "key=value"`, 'correct the file, or unset AWS_CREDENTIAL_FILE')
    }
  }
  return keys
}

export function readBotoFile(path: string, system: FileSystem): Section | undefined {
  const text = path === '' ? undefined : readOldFile(path, system)
  return text === undefined ? undefined : parseIni(text, path).get('Credentials')
}

function readOldFile(path: string, system: FileSystem): string | undefined {
  try {
    return system.readText(path)
  } catch (cause) {
    throw unusable(`${(cause as Error).message}, and no file of keys`, 'see AWS_CREDENTIAL_FILE and BOTO_CONFIG')
  }
}
