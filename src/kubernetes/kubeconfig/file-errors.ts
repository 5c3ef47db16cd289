import { EksTokenError, isOpenFilesLimit, openFilesError } from '../../errors.ts'
import type { WriteErrors } from './write-errors.ts'

/**
 * Whose rules and words hold for a kubeconfig that is edited: those of the AWS CLI, for `update-kubeconfig`, or those of kubectl,
 * which reads the first of several documents.
 */
export type KubeconfigRules = 'aws-cli' | 'kubectl'

const ERRNO: Readonly<Record<string, readonly [number, string]>> = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  EACCES: [13, 'Permission denied'],
  EEXIST: [17, 'File exists'],
  ENOTDIR: [20, 'Not a directory'],
  EISDIR: [21, 'Is a directory'],
  EFBIG: [27, 'File too large'],
  ENOSPC: [28, 'No space left on device'],
  EROFS: [30, 'Read-only file system'],
  ENAMETOOLONG: [36, 'File name too long'],
  ELOOP: [40, 'Too many levels of symbolic links'],
  EDQUOT: [122, 'Disk quota exceeded'],
}

/** Why a file cannot be used, by the code of the file system. */
export const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  EPERM: 'operation not permitted',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EDQUOT: 'the disk quota is exceeded',
  EFBIG: 'the file would be too large',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
}

const NO_SPACE = ['EDQUOT', 'EFBIG', 'ENOSPC']
const OTHER_FILE = 'or select another file with --kubeconfig FILE or KUBECONFIG'

const AWS_ACTIONS = {
  read: "Can't open kubeconfig for reading",
  write: "Can't open kubeconfig for writing",
  createDirectory: "Can't create directory for writing",
} as const

const OWN_ACTIONS = {
  read: 'cannot be read',
  write: 'cannot be written',
  createDirectory: 'cannot be created',
} as const

/** An error of the file system. */
export function fileError(
  action: keyof typeof AWS_ACTIONS,
  cause: unknown,
  path: string,
  rules: KubeconfigRules,
): EksTokenError {
  if (isOpenFilesLimit(cause)) return openFilesError(cause)
  const { code = 'unknown error', message } = cause as NodeJS.ErrnoException
  const [number, text] = ERRNO[code] ?? [code, message]
  const words =
    rules === 'aws-cli'
      ? `${AWS_ACTIONS[action]}: [Errno ${number}] ${text}: '${path}'`
      : `${path} ${OWN_ACTIONS[action]}: ${FILE_PROBLEMS[code] ?? code}`
  return new EksTokenError('ERR_KUBECONFIG', words, {
    cause,
    remedy: NO_SPACE.includes(code)
      ? `free disk space, or raise the quota or the file size limit (ulimit -f), ${OTHER_FILE}`
      : `check the path and its permissions, ${OTHER_FILE}`,
  })
}

/** @param place - e.g. `line 3, column 5` */
export function syntaxError(place: string, reason: string, path: string, rules: KubeconfigRules): EksTokenError {
  const words = rules === 'aws-cli' ? 'YamlError while loading kubeconfig' : `${path} is not valid YAML`
  return new EksTokenError('ERR_KUBECONFIG', `${words}: ${place} (${reason})`, {
    remedy: `correct the syntax of ${path}, or use another file with --kubeconfig FILE`,
  })
}

export function writeErrors(rules: KubeconfigRules): WriteErrors {
  return {
    code: 'ERR_KUBECONFIG',
    otherFile: 'write to another file with --kubeconfig FILE',
    failed: (error, path) => fileError('write', error, path, rules),
  }
}
