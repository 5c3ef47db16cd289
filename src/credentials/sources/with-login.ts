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
 * @throws EksTokenError as `load`, and as {@link InteractiveLogin.signIn}
 */
export async function withLogin<T>(request: LoginRequest, load: () => Promise<T>, context: LoadContext): Promise<T> {
  const { interactiveLogin, runtime } = context
  const { file, kind, profile } = request
  if (!interactiveLogin) return load()
  const read = (): string | undefined => {
    const shared = readSharedFile(file, runtime.userId)
    return 'text' in shared ? shared.text : undefined
  }
  for (let attempt = 1, hasSignedIn = false; ; attempt++) {
    const before = read()
    try {
      return await load()
    } catch (error) {
      if (!isEksTokenError(error) || error.remedy !== loginHint(profile, kind, runtime)) throw error
      if (hasSignedIn || attempt === MAX_ATTEMPTS) throw error
      const task = {
        description: `the login for profile ${profile}`,
        // Another process has signed in.
        readCached: () => read() !== before || undefined,
        refresh: async (whilePrompting: <R>(input: Promise<R>) => Promise<R>) => {
          const signedIn = (await interactiveLogin()).signIn(request, error, context)
          // The user may also sign in with another command.
          await whilePrompting(Promise.race([signedIn, untilChanged(() => read() !== before)]))
          hasSignedIn = true
          return true
        },
        exclusive: true,
      }
      await withLock(lockFile(file, runtime), task, context)
    }
  }
}

const POLL_MS = 500
/** If the change is that of this process, its sign-in has more to do: the browser shows how it has ended. */
const GRACE_MS = 3000

function untilChanged(hasChanged: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!hasChanged()) return
      clearInterval(timer)
      setTimeout(resolve, GRACE_MS)
    }, POLL_MS)
    timer.unref()
  })
}
