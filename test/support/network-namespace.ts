import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A command, to be put before another one, which then has a network of its own: loopback only, with the fixed addresses of ECS, EKS Pod Identity and EC2. */
export const IN_NETWORK_NAMESPACE = fileURLToPath(new URL('netns.sh', import.meta.url))

/** Where `unshare` and `ip` are. */
export const NAMESPACE_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** Why this machine cannot give a command a network of its own; undefined: it can. */
export function missingNetworkNamespace(): string | undefined {
  try {
    execFileSync(IN_NETWORK_NAMESPACE, ['true'], { env: { PATH: NAMESPACE_PATH }, stdio: 'ignore' })
    return undefined
  } catch {
    return 'network namespaces need Linux, unshare, ip, and root or user namespaces'
  }
}
