import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'

/** The kernel reads this many bytes to find out how to execute a file. */
const HEADER_BYTES = 256

/**
 * Whether a program is a text file without an interpreter line (`#!`). The kernel does not execute it (ENOEXEC), and Python,
 * which the AWS CLI uses, reports that; Node would run it with /bin/sh, because `execvp` of the C library does.
 * https://man7.org/linux/man-pages/man3/exec.3.html
 *
 * @param program - a path, or a name that is looked up in PATH
 */
export function lacksInterpreter(program: string, { env, processHost }: Pick<Runtime, 'env' | 'processHost'>): boolean {
  if (processHost.platform === 'win32') return false
  const directories = (env.PATH ?? '').split(':')
  const candidates = program.includes('/')
    ? [program]
    : directories.map((directory) => `${directory || '.'}/${program}`)
  const file = candidates.find(isExecutable)
  const header = file === undefined ? undefined : readHeader(file)
  return header !== undefined && !header.startsWith('#!') && !header.includes('\0')
}

export function isExecutable(file: string): boolean {
  return (
    attempt(() => {
      accessSync(file, constants.X_OK)
      return statSync(file).isFile()
    }) ?? false
  )
}

/** The first bytes of a file as Latin-1; undefined: it cannot be read. */
export function readHeader(file: string): string | undefined {
  return attempt(() => {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const header = Buffer.alloc(HEADER_BYTES)
      return header.toString('latin1', 0, readSync(descriptor, header))
    } finally {
      closeSync(descriptor)
    }
  })
}
