import { accessSync, constants } from 'node:fs'
import { isExecutable, readHeader } from '../../../credentials/sources/executable.ts'
import { STARTABLE } from '../../../credentials/sources/program-path.ts'
import { attempt } from '../../../errors.ts'
import type { Runtime } from '../../../runtime.ts'

/** What doctor finds out about files without running them. */
export interface Files {
  readonly isExecutable: (path: string) => boolean
  readonly isReadable: (path: string) => boolean
  readonly readText: (path: string) => string | undefined
  /** Why the system cannot start an executable file; undefined: no reason is known. */
  readonly startProblem: (path: string) => string | undefined
}

export function hostFiles({ readText, processHost }: Pick<Runtime, 'readText' | 'processHost'>): Files {
  const startProblem = processHost.platform === 'win32' ? windowsProblem : scriptProblem
  return { isExecutable, isReadable, readText: (path) => attempt(() => readText(path)), startProblem }
}

function isReadable(path: string): boolean {
  const check = () => {
    accessSync(path, constants.R_OK)
    return true
  }
  return attempt(check) ?? false
}

/** kubectl finds a file of any extension that is written out, and Windows then looks into it. */
function windowsProblem(path: string): string | undefined {
  const header = STARTABLE.test(path) ? undefined : readHeader(path)
  if (header === undefined || header.startsWith('MZ')) return undefined
  return 'Windows starts only programs (.exe, .com) and batch files (.cmd, .bat)'
}

/** kubectl starts a file without a shell: a script needs a first line that names its interpreter. */
function scriptProblem(path: string): string | undefined {
  const header = readHeader(path)
  if (header === undefined || header.includes('\0')) return undefined
  const [, interpreter] = /^#![ \t]*([^ \t\r\n]+)/.exec(header) ?? []
  if (interpreter === undefined) return "it is a script without a '#!' line"
  if (/^#![^\n]*\r\n/.test(header)) return "its '#!' line ends in a carriage return"
  return isExecutable(interpreter) ? undefined : `its interpreter ${interpreter} is not an executable file`
}
