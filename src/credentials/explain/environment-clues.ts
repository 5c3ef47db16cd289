import type { Runtime } from '../../runtime.ts'
import type { Clue } from './clue.ts'

/** What the environment has of an access key that is not complete, without AWS_ACCESS_KEY_ID. */
export function environmentClues({ env }: Runtime): Clue[] {
  const others = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'].filter((name) => env[name])
  const hasSecret = env.AWS_SECRET_ACCESS_KEY !== undefined && env.AWS_SECRET_ACCESS_KEY !== ''
  const both = hasSecret ? 'AWS_ACCESS_KEY_ID' : 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  if (env.AWS_ACCESS_KEY_ID === '') {
    return [
      {
        fact: 'AWS_ACCESS_KEY_ID is set, but empty',
        remedy: `set ${both}: a CI secret that does not exist or is not passed to this job results in an empty variable`,
      },
    ]
  }
  if (others.length === 0) return []
  return [
    {
      fact: `${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} set, but AWS_ACCESS_KEY_ID is not`,
      remedy: `set ${both}, or unset ${others.join(' and ')}`,
    },
  ]
}
