import { statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { windowsProgramStart } from '../sources/program-path.ts'

/**
 * The path of the program that a command line means if the path contains spaces and is not quoted: the shortest of its first
 * words, joined by a space, that is a file.
 *
 * @param words - of the command line, as it was split
 * @returns undefined: none is a file
 */
export function unquotedPath(
  words: readonly string[],
  { env, processHost }: Pick<Runtime, 'env' | 'processHost'>,
  isFile = isRegularFile,
): string | undefined {
  const isProgram = (path: string): boolean =>
    processHost.platform === 'win32' ? windowsProgramStart(path, [], env, isFile) !== undefined : isFile(path)
  return words
    .slice(1)
    .map((_, index) => words.slice(0, index + 2).join(' '))
    .find((path) => /[\\/]/.test(path) && isProgram(path))
}

function isRegularFile(path: string): boolean {
  return attempt(() => statSync(path).isFile()) ?? false
}
