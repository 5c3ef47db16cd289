import { stringValue } from '../../config/profiles.ts'
import type { Settings } from '../../config/settings.ts'
import { redactValue } from '../../redact.ts'
import type { Environment } from '../../runtime.ts'
import { shownPath } from '../../shown-path.ts'
import type { Plan } from '../sources/registry.ts'
import { staticSection } from '../sources/static.ts'
import type { Clue } from './clue.ts'

/** Characters that no part of static credentials contains, in the order in which they are reported. */
const PROBLEMS = [
  ['quotes', /["'`\u2018-\u201f]/],
  ['spaces or line breaks', /\s/],
  ['characters that are not ASCII', /[^!-~]/],
] as const

const VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN']
const KEYS = ['aws_access_key_id', 'aws_secret_access_key', 'aws_security_token', 'aws_session_token']

/**
 * What is wrong with static credentials, by their characters; AWS rejects every signature that is made with them. The AWS CLI
 * signs with them, and so does this program.
 *
 * @param plan - whose credentials sign first: not a role that is assumed with others
 * @returns undefined: nothing, or other credentials
 */
export function malformedKeys(plan: Plan, settings: Settings, env: Environment): Clue | undefined {
  if (plan.kind === 'environment') return describe(VARIABLES.map((name) => [name, env[name]]))
  if (plan.kind !== 'profile-keys') return undefined
  const { profile, file } = plan
  const section = staticSection(settings, profile, file) ?? new Map()
  const { credentialsPath, configPath } = settings.files
  const path = file === 'credentials' ? credentialsPath : configPath
  return describe(
    KEYS.map((key) => [key, stringValue(section, key, profile)]),
    ` of profile ${redactValue(profile)} in ${shownPath(path)}`,
  )
}

function describe(
  values: readonly (readonly [name: string, value: string | undefined])[],
  place = '',
): Clue | undefined {
  for (const [what, pattern] of PROBLEMS) {
    const names = values.filter(([, value]) => value && pattern.test(value)).map(([name]) => name)
    if (names.length === 0) continue
    const subject = `${names.join(' and ')}${place}`
    const isFromDocker = what === 'quotes' && place === ''
    return {
      fact: `${subject} ${names.length === 1 ? 'contains' : 'contain'} ${what}`,
      remedy: `remove the ${what} from ${subject}${isFromDocker ? " (docker's --env-file keeps quotes)" : ''}`,
    }
  }
  return undefined
}
