import { isEksTokenError } from '../../errors.ts'
import { withLock } from '../cache/lock.ts'
import { lockFile } from '../cache/paths.ts'
import { readSharedFile } from '../cache/shared-file.ts'
import type { LoadContext } from '../context.ts'
import type { LoginRequest } from '../interactive-login.ts'
import { loginHint } from './login-file.ts'

/** More often no login is made meanwhile by another process. */
const MAX_ATTEMPTS = 3

/**
 * Loads what depends on a login. If that fails because the user has to sign in, and may do so, one process of all that wait
 * lets the user sign in, and they load it again. Every error that only a login resolves has {@link loginHint} as its hint.
 *
 * @param path - the login file
 * @throws EksTokenError as `load`, and as {@link InteractiveLogin.signIn}
 */
export async function withLogin<T>(
  path: string,
  request: LoginRequest,
  load: () => Promise<T>,
  context: LoadContext,
): Promise<T> {
  const { interactiveLogin, runtime } = context
  if (!interactiveLogin) return load()
  const read = (): string | undefined => {
    const file = readSharedFile(path, runtime.userId)
    return 'text' in file ? file.text : undefined
  }
  for (let attempt = 1, hasSignedIn = false; ; attempt++) {
    const before = read()
    try {
      return await load()
    } catch (error) {
      if (!isEksTokenError(error) || error.remedy !== loginHint(request.profile)) throw error
      if (hasSignedIn || attempt === MAX_ATTEMPTS) throw error
      const task = {
        description: `the login for profile ${request.profile}`,
        // Another process has signed in.
        readCached: () => read() !== before || undefined,
        refresh: async (whilePrompting: <R>(input: Promise<R>) => Promise<R>) => {
          await whilePrompting(interactiveLogin.signIn(request, error))
          hasSignedIn = true
          return true
        },
        exclusive: true,
      }
      await withLock(lockFile(path, runtime), task, context)
    }
  }
}
