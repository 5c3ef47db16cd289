import { redactValue } from '../redact.ts'
import type { Runtime } from '../runtime.ts'

/** What this program has of the AWS CLI, where it was started by a link named `aws`; undefined: by another name. */
export function awsLinkNotice({ processHost }: Pick<Runtime, 'processHost'>): string | undefined {
  const path = processHost.programPath()
  if (!/(^|[\\/])aws(\.[a-z]+)?$/i.test(path)) return undefined
  return (
    `this aws is a link to eks-get-token (${redactValue(path)}), which provides only 'aws eks get-token', ` +
    "'aws eks update-kubeconfig', 'aws sso login' and 'aws sso logout'"
  )
}
