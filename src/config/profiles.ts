import { EksTokenError } from '../errors.ts'
import { parseIni, type Section } from '../python/config-parser.ts'
import { expandPath } from '../python/expand.ts'
import { shellSplit } from '../python/shlex.ts'
import type { Runtime } from '../runtime.ts'

/** What the two shared files say, as the AWS CLI puts them together. */
export interface SharedFiles {
  /** Both paths as used, `~` and variables expanded; the files need not exist. */
  readonly configPath: string
  readonly credentialsPath: string
  /** Both files merged, profile by profile: a key of the credentials file wins. */
  readonly profiles: ReadonlyMap<string, Section>
  /** The same profiles as each file alone has them: static keys are never mixed from two files. */
  readonly configProfiles: ReadonlyMap<string, Section>
  readonly credentialsProfiles: ReadonlyMap<string, Section>
  readonly ssoSessions: ReadonlyMap<string, Section>
  readonly services: ReadonlyMap<string, Section>
  /** Headings of the config file that are nothing known: most often a profile without the word. */
  readonly otherHeadings: readonly string[]
}

/**
 * Reads the shared config and credentials files as the AWS CLI does.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/configloader.py
 *
 * @throws EksTokenError `ERR_CONFIG_FILE` for a file that the AWS CLI refuses
 */
export function readSharedFiles(runtime: Runtime): SharedFiles {
  const configPath = expandPath(runtime.env.AWS_CONFIG_FILE ?? '~/.aws/config', runtime)
  const credentialsPath = expandPath(runtime.env.AWS_SHARED_CREDENTIALS_FILE ?? '~/.aws/credentials', runtime)
  const config = readIniFile(configPath, runtime)
  const credentialsProfiles = readIniFile(credentialsPath, runtime)

  const configProfiles = new Map<string, Section>()
  const ssoSessions = new Map<string, Section>()
  const services = new Map<string, Section>()
  const otherHeadings: string[] = []
  for (const [name, section] of config) {
    if (name.startsWith('profile')) addNamed(configProfiles, name, section)
    else if (name.startsWith('sso-session')) addNamed(ssoSessions, name, section)
    else if (name.startsWith('services')) addNamed(services, name, section)
    else if (name === 'default') configProfiles.set(name, section)
    else otherHeadings.push(name)
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
    otherHeadings,
  }
}

/** `[profile dev]`: two shell words. Any other number of words, or an open quote, is no section of this kind. */
function addNamed(sections: Map<string, Section>, heading: string, section: Section): void {
  const words = shellSplit(heading)
  if (words?.length === 2) sections.set(words[1] as string, section)
}

function readIniFile(path: string, runtime: Runtime): ReadonlyMap<string, Section> {
  if (path === '') return new Map()
  let text: string | undefined
  try {
    text = runtime.readText(path)
  } catch (cause) {
    throw new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${(cause as Error).message}`, { cause })
  }
  return text === undefined ? new Map() : parseIni(text, path)
}
