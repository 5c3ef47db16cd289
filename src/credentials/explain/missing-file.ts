import type { SharedFiles } from '../../config/profiles.ts'
import { describeFile } from '../../file-problem.ts'
import type { Runtime } from '../../runtime.ts'
import { shownPath } from '../../shown-path.ts'

/** The files, and the variables that move them. */
function namedFiles({ configPath, credentialsPath }: SharedFiles) {
  return [
    ['AWS_CONFIG_FILE', configPath],
    ['AWS_SHARED_CREDENTIALS_FILE', credentialsPath],
  ] as const
}

/** A path with the variable that it is from. */
function nameFile(variable: string, path: string, { env }: Runtime): string {
  return env[variable] === undefined ? shownPath(path) : `${shownPath(path)} (${variable})`
}

/** A file that a variable names and that cannot be read is the reason for all that is not in it. */
export function missingFile(
  files: SharedFiles,
  runtime: Runtime,
): { readonly fact: string; readonly remedy: string } | undefined {
  for (const [variable, path] of namedFiles(files)) {
    if (path === '') return { fact: `${variable} is set, but empty`, remedy: `set ${variable} to a file, or unset it` }
    const problem = describeFile(path, runtime)
    if (problem === undefined || (problem === 'does not exist' && runtime.env[variable] === undefined)) continue
    const isNamed = runtime.env[variable] !== undefined
    const remedy = isNamed ? `set ${variable} to another file, or unset it` : `replace ${shownPath(path)} with a file`
    return {
      fact: `${nameFile(variable, path, runtime)} ${problem}`,
      remedy: problem.startsWith('cannot be read')
        ? `make ${shownPath(path)} readable by this user`
        : problem === 'does not exist'
          ? `correct ${variable}, or unset it`
          : problem === 'is empty'
            ? `add the profile to ${shownPath(path)}${isNamed ? `, or correct ${variable}` : ''}`
            : remedy,
    }
  }
  return undefined
}

/** The files in which no profile was found, and why. */
export function describeFiles(files: SharedFiles, runtime: Runtime): string {
  const states = namedFiles(files).map(([variable, path]) => ({
    file: nameFile(variable, path, runtime),
    problem: describeFile(path, runtime) ?? 'contains no profiles',
  }))
  const isMissing = states.every(({ problem }) => problem === 'does not exist')
  return isMissing
    ? `neither ${states.map(({ file }) => file).join(' nor ')} exists`
    : states.map(({ file, problem }) => `${file} ${problem}`).join(', and ')
}
