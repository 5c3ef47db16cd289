import { statSync } from 'node:fs'
import { closestMatch } from '../../../closest-match.ts'
import type { Settings } from '../../../config/settings.ts'
import type { ClusterEntries } from '../../../kubernetes/kubeconfig/entries.ts'
import { shellQuote } from '../../../python/shlex.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import type { Terminal } from '../../terminal.ts'
import type { UpdateOptions } from './options.ts'

/** Tokens may have another identity than the credentials that made the call. */
export function warnOfProfile([entry]: readonly ClusterEntries[], terminal: Terminal): void {
  const isShared = entry?.clusterInfo?.profile !== undefined
  if (!isShared && !entry?.exec.env.some(({ name }) => name === 'AWS_PROFILE')) return
  terminal.err(
    `warning: this call used the credentials in the environment; tokens will use the profile${isShared ? '' : ', unless the variables are set'}\n` +
      "  hint: unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write no profile with --exec-profile ''\n",
  )
}

/** Tokens need the profile of `--exec-profile`; where they are created, it may exist. */
export function warnOfMissingProfile({ execProfile }: UpdateOptions, { files }: Settings, terminal: Terminal): void {
  if (!execProfile || files.profiles.has(execProfile)) return
  const match = closestMatch(execProfile, [...files.profiles.keys()])
  const hint =
    match === undefined ? `create it in ${redactValue(files.configPath)}` : `did you mean ${redactValue(match)}?`
  const lines = [
    `warning: profile ${redactValue(execProfile)} (--exec-profile) does not exist here: tokens cannot be created until it does`,
    `  hint: ${hint}`,
  ]
  terminal.err(lines.map((line) => `${sanitizeLine(line)}\n`).join(''))
}

/** A kubeconfig may contain tokens and keys of other clusters. */
export function warnOfMode(path: string, terminal: Terminal): void {
  const stats = statSync(path)
  if (!stats.isFile() || (stats.mode & 0o077) === 0) return
  terminal.err(
    `${sanitizeLine(`warning: other users can read ${path}`)}\n${sanitizeLine(`  hint: chmod 600 ${shellQuote(path)}`)}\n`,
  )
}
