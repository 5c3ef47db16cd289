import { win32 } from 'node:path'
import { isExecutable } from '../credentials/sources/executable.ts'
import { STARTABLE } from '../credentials/sources/program-path.ts'
import { EksTokenError } from '../errors.ts'
import { redactValue } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { findCommand } from './look-path.ts'

export const OWN_NAME = 'eks-get-token'

type CommandRuntime = Pick<Runtime, 'env' | 'processHost'>

/**
 * The absolute path by which a client can start this program. Windows does not start a script: there it is the batch file that
 * npm creates for it, beside `node_modules` or in `node_modules\\.bin`, or else the command that is on PATH.
 * https://github.com/npm/cmd-shim
 *
 * @returns undefined: the file does not exist
 */
export function startablePath({ env, processHost }: CommandRuntime, isFile = isExecutable): string | undefined {
  const path = processHost.programPath()
  if (processHost.platform !== 'win32' || STARTABLE.test(path)) return path
  const modules = win32.join(path, '..', '..', '..')
  const created = [win32.join(modules, '.bin', `${OWN_NAME}.cmd`), win32.join(modules, '..', `${OWN_NAME}.cmd`)]
  const onPath = findCommand(OWN_NAME, env, 'win32', (file) => STARTABLE.test(file) && isFile(file))
  return created.find(isFile) ?? (onPath?.isRelative ? undefined : onPath?.path)
}

/**
 * What is written as `command:` of an exec block.
 *
 * @throws EksTokenError `ERR_USAGE` if an absolute path is required and there is none that can be started
 */
export function ownCommand(isAbsolute: boolean, runtime: CommandRuntime, isFile = isExecutable): string {
  if (!isAbsolute) return OWN_NAME
  const path = startablePath(runtime, isFile)
  if (path !== undefined) return path
  const script = redactValue(runtime.processHost.programPath())
  throw new EksTokenError(
    'ERR_USAGE',
    `--absolute-path: Windows does not start ${script}, and no ${OWN_NAME}.cmd was found for it`,
    { remedy: "install the package with 'npm install -g', which creates that file, or remove --absolute-path" },
  )
}
