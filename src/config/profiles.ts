import { EksTokenError, endsRun } from '../errors.ts'
import { parseIni, type Section } from '../python/config-parser.ts'
import { expandPath } from '../python/expand.ts'
import { shellSplit } from '../python/shlex.ts'
import type { Runtime } from '../runtime.ts'

/** The shared config and credentials files, merged as the AWS CLI does. */
export interface SharedFiles {
  /** The paths, with `~` and variables expanded; the files may not exist. */
  readonly configPath: string
  readonly credentialsPath: string
  /** The merged profiles: keys of the credentials file take precedence. */
  readonly profiles: ReadonlyMap<string, Section>
  /** The profiles of each single file: static credentials are never combined from both. */
  readonly configProfiles: ReadonlyMap<string, Section>
  readonly credentialsProfiles: ReadonlyMap<string, Section>
  readonly ssoSessions: ReadonlyMap<string, Section>
  readonly services: ReadonlyMap<string, Section>
}

/**
 * Reads the shared config and credentials files as the AWS CLI does.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/configloader.py
 *
 * @throws EksTokenError `ERR_CONFIG_FILE` for a file that the AWS CLI rejects
 */
export function readSharedFiles(runtime: Runtime): SharedFiles {
  const configPath = expandPath(runtime.env.AWS_CONFIG_FILE ?? '~/.aws/config', runtime)
  const credentialsPath = expandPath(runtime.env.AWS_SHARED_CREDENTIALS_FILE ?? '~/.aws/credentials', runtime)
  const config = readIniFile(configPath, runtime)
  const credentialsProfiles = readIniFile(credentialsPath, runtime)

  const configProfiles = new Map<string, Section>()
  const ssoSessions = new Map<string, Section>()
  const services = new Map<string, Section>()
  for (const [name, section] of config) {
    if (name.startsWith('profile')) addNamed(configProfiles, name, section)
    else if (name.startsWith('sso-session')) addNamed(ssoSessions, name, section)
    else if (name.startsWith('services')) addNamed(services, name, section)
    else if (name === 'default') configProfiles.set(name, section)
  }
  const profiles = new Map<string, Section>(configProfiles)
  for (const [name, section] of credentialsProfiles) {
    profiles.set(name, new Map([...(profiles.get(name) ?? []), ...section]))
  }
  return {
    configPath,
    credentialsPath,
    profiles,
    configProfiles,
    credentialsProfiles,
    ssoSessions,
    services,
  }
}

/** Adds `[profile dev]`; a header with more or fewer than two shell words, or an unclosed quote, is ignored. */
function addNamed(sections: Map<string, Section>, header: string, section: Section): void {
  const words = shellSplit(header)
  if (words?.length === 2) sections.set(words[1] as string, section)
}

function readIniFile(path: string, runtime: Runtime): ReadonlyMap<string, Section> {
  if (path === '') return new Map()
  let text: string | undefined
  try {
    text = runtime.readText(path)
  } catch (cause) {
    if (endsRun(cause)) throw cause
    throw new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${(cause as Error).message}`, {
      cause,
      remedy: 'correct the file, or set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a different file',
    })
  }
  return text === undefined ? new Map() : parseIni(text, path)
}
