import { checkSharedFile, storeSharedFile } from '../credentials/cache/shared-file.ts'
import { EksTokenError } from '../errors.ts'
import { homeVariable, type Runtime } from '../runtime.ts'
import { withNativeSeparators } from '../shown-path.ts'

/** More than a login file has. */
const LOGIN_FILE_BYTES = 16 * 1024

/**
 * Checks that the file of a login can be written: a user should not sign in for nothing.
 *
 * @throws EksTokenError `ERR_LOGIN`
 */
export function checkLoginFile(file: string, runtime: Runtime): void {
  requireHome(runtime)
  try {
    checkSharedFile(file, LOGIN_FILE_BYTES, runtime.userId)
  } catch (error) {
    throw notStoredError(file, error, runtime)
  }
}

/**
 * Stores a login or a registration.
 *
 * @throws EksTokenError `ERR_LOGIN`
 */
export function storeLogin(file: string, content: object, runtime: Runtime): void {
  try {
    storeSharedFile(file, JSON.stringify(content), runtime.userId)
  } catch (error) {
    throw notStoredError(file, error, runtime)
  }
}

/** @throws EksTokenError `ERR_LOGIN` */
export function requireHome({ homeDirectory, processHost }: Runtime): string {
  const home = homeDirectory()
  if (home) return home
  throw new EksTokenError('ERR_LOGIN', 'the login cannot be stored: there is no home directory', {
    remedy: `set ${homeVariable(processHost)} to a writable directory`,
  })
}

function notStoredError(file: string, cause: unknown, { processHost }: Runtime): EksTokenError {
  const { code, message } = cause as NodeJS.ErrnoException
  return new EksTokenError(
    'ERR_LOGIN',
    `the login cannot be stored in ${withNativeSeparators(file)}: ${code ?? message}`,
    {
      cause,
      remedy:
        code === 'ENOSPC' || code === 'EDQUOT'
          ? 'free some space on the disk'
          : `check the directory and its permissions, or set ${homeVariable(processHost)} to a writable directory`,
    },
  )
}
