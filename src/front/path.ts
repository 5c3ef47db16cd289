import { handOver } from './hand-over.ts'
import { isWindows } from './native.ts'

// `node:path` for the paths of files that a run reads: absolute, without slashes at the end.

const lastSlash = (path: string): number => Math.max(path.lastIndexOf('/'), isWindows ? path.lastIndexOf('\\') : -1)

export function dirname(path: string): string {
  const slash = lastSlash(path)
  if (isWindows && !BELOW_ROOT.test(path)) handOver('a file path has an unusual form')
  if (slash < 0) return '.'
  return slash === 0 ? '/' : path.slice(0, slash)
}

/** The directory is not the root of a drive or of a share, whose slash would belong to it. */
const BELOW_ROOT = /^(?:[a-z]:|[\\/]{2}[^\\/]+[\\/][^\\/]+)[\\/][^\\/]+[\\/]/i

/** Of a path below the root. */
export function basename(path: string): string {
  if (isWindows && !BELOW_ROOT.test(path)) handOver('a file path has an unusual form')
  return path.slice(lastSlash(path) + 1)
}

export const join = (): never => handOver('the run must write files')
