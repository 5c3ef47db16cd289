import { startedAs } from '../process/started-as.ts'
import { redactValue } from '../redact.ts'
import type { Runtime } from '../runtime.ts'

/** What this program has of the AWS CLI, where it was started by a link named `aws`; undefined: by another name. */
export function awsLinkNotice({ processHost }: Pick<Runtime, 'processHost'>): string | undefined {
  const name = startedAs() ?? processHost.programPath()
  if (!/(^|[\\/])aws(\.[a-z]+)?$/i.test(name)) return undefined
  // A name that was found in PATH says no more.
  const path = /[\\/]/.test(name) ? ` (${redactValue(name)})` : ''
  return (
    `this aws is a link to eks-get-token${path}, which provides only 'aws eks get-token', ` +
    "'aws eks update-kubeconfig', 'aws login', 'aws logout', 'aws sso login' and 'aws sso logout'"
  )
}
