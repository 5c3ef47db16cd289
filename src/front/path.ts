import { handOver } from './hand-over.ts'

// `node:path` on systems with forward slashes, for the paths of files that a run reads: absolute, without slashes at the end.

export function dirname(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash < 0) return '.'
  return slash === 0 ? '/' : path.slice(0, slash)
}

const leaveToFullProgram = (): never => handOver('the run must write files')
export const basename = leaveToFullProgram
export const join = leaveToFullProgram
