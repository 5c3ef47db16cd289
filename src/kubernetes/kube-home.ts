import { statSync } from 'node:fs'
import { win32 } from 'node:path'
import { attempt } from '../errors.ts'
import type { Runtime } from '../runtime.ts'

/** What exists at a path. */
export type Exists = (path: string) => boolean

/**
 * The home directory of kubectl. On Windows the first of HOME, HOMEDRIVE with HOMEPATH, and USERPROFILE that contains
 * `.kube\config`; else the first that exists, or else is set, of HOME, USERPROFILE, and HOMEDRIVE with HOMEPATH.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/util/homedir/homedir.go
 */
export function kubeHome(
  { env, homeDirectory, processHost: { platform } }: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>,
  exists: Exists = (path) => attempt(() => statSync(path)) !== undefined,
): string | undefined {
  if (platform !== 'win32') return homeDirectory()
  const { HOME, HOMEDRIVE, HOMEPATH, USERPROFILE } = env
  const drivePath = HOMEDRIVE && HOMEPATH ? HOMEDRIVE + HOMEPATH : undefined
  const isSet = (path: string | undefined): path is string => Boolean(path)
  const withConfig = [HOME, drivePath, USERPROFILE].filter(isSet)
  const inOrder = [HOME, USERPROFILE, drivePath].filter(isSet)
  return (
    withConfig.find((path) => exists(win32.join(path, '.kube', 'config'))) ??
    inOrder.find(exists) ??
    inOrder[0] ??
    homeDirectory()
  )
}
