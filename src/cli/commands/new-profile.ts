import { closestMatch } from '../../closest-match.ts'
import type { SharedFiles } from '../../config/profiles.ts'
import type { SelectedProfile } from '../../config/selected-profile.ts'
import type { Login } from '../../login/login.ts'
import { redactValue } from '../../redact.ts'

/**
 * What a user should know before the sign-in to the console that creates a profile: its name may be mistyped.
 *
 * @param selected - what names the profile; the default profile is usually created like this
 * @param isInteractive - false: a script knows the names of its profiles, and only a similar one is worth a line
 * @returns lines for stderr; undefined: the profile exists, or no profile is created
 */
export function newProfileNotice(
  login: Login,
  { name, source }: Pick<SelectedProfile, 'name' | 'source'>,
  { profiles }: Pick<SharedFiles, 'profiles'>,
  isInteractive: boolean,
): string | undefined {
  if (login.kind !== 'console' || source === 'default' || profiles.has(name)) return undefined
  const match = closestMatch(name, [...profiles.keys()])
  if (match === undefined && !isInteractive) return undefined
  const hint = match === undefined ? '' : `  hint: did you mean ${redactValue(match)}? Correct ${source}\n`
  return `profile ${redactValue(name)} does not exist (${source}): this sign-in to the AWS console creates it\n${hint}`
}
