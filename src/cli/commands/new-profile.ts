import type { SharedFiles } from '../../config/profiles.ts'
import type { SelectedProfile } from '../../config/selected-profile.ts'
import type { Login } from '../../login/login.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'

/**
 * What a user should know before the sign-in to the console that creates a profile: its name may be mistyped, or its section
 * be one that the AWS CLI does not read.
 *
 * @param selected - what names the profile; the default profile is usually created like this
 * @param isInteractive - false: a script knows the names of its profiles, and only a problem with one is worth a line
 * @returns lines for stderr; undefined: the profile exists, or no profile is created
 */
export async function newProfileNotice(
  login: Login,
  { name, source }: Pick<SelectedProfile, 'name' | 'source'>,
  files: SharedFiles,
  isInteractive: boolean,
  runtime: Runtime,
): Promise<string | undefined> {
  if (login.kind !== 'console' || source === 'default' || files.profiles.has(name)) return undefined
  const { meantSection } = await import('../../credentials/explain/missing-name.ts')
  const meant = meantSection({ kind: 'profile', name, setting: source }, files, runtime)
  if (meant === undefined && !isInteractive) return undefined
  const fact = meant?.fact === undefined ? '' : `${meant.fact}; `
  const hint = meant === undefined ? '' : `  hint: ${meant.remedy}\n`
  const notice = `profile ${redactValue(name)} does not exist (${source}): ${fact}this sign-in to the AWS console creates it`
  return `${notice}\n${hint}`
}
