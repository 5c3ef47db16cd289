import { native } from './native.ts'

/** HOME, even if it is empty; else that of the passwd entry. @throws without an entry */
export function homedir(): string {
  const home = native.environment().HOME ?? native.passwdHome()
  if (home !== undefined) return home
  throw Object.assign(new Error('A system error occurred: uv_os_homedir returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' })
}

export const hostname = native.hostName
