import { environment } from './environment.ts'
import { handOver } from './hand-over.ts'
import { isWindows, native } from './native.ts'

/** HOME, even if it is empty; else that of the passwd entry. On Windows USERPROFILE. @throws without an entry */
export function homedir(): string {
  // Node takes it from the user's token then.
  if (isWindows) return environment.USERPROFILE || handOver('USERPROFILE is not set')
  const home = environment.HOME ?? native.passwdHome()
  if (home !== undefined) return home
  throw Object.assign(new Error('A system error occurred: uv_os_homedir returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' })
}

export const hostname = native.hostName
