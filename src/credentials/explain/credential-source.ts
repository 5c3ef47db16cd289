import type { Runtime } from '../../runtime.ts'
import type { Clue } from './clue.ts'
import { environmentClues } from './environment-clues.ts'

/** Why the `credential_source` of a profile has no credentials. */
export function credentialSourceClue(name: string, profile: string, runtime: Runtime): Clue {
  const orChange = `or change credential_source in profile ${profile}`
  if (name === 'Ec2InstanceMetadata') {
    return {
      fact: 'instance metadata is disabled (AWS_EC2_METADATA_DISABLED)',
      remedy: `unset AWS_EC2_METADATA_DISABLED, ${orChange}`,
    }
  }
  if (name === 'EcsContainer') {
    return {
      fact: 'neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set',
      remedy: `run it in a container with an IAM role for its task or pod, ${orChange}`,
    }
  }
  const [incomplete] = environmentClues(runtime)
  return (
    incomplete ?? {
      fact: 'AWS_ACCESS_KEY_ID is not set',
      remedy: `set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ${orChange}`,
    }
  )
}
