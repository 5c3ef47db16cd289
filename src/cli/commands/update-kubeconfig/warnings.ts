import { statSync } from 'node:fs'
import { closestMatch } from '../../../closest-match.ts'
import { optionWithValue, quoteWord } from '../../../command-line.ts'
import type { Settings } from '../../../config/settings.ts'
import { attempt } from '../../../errors.ts'
import { asList, field, findNamed, textField } from '../../../json.ts'
import type { ClusterEntries } from '../../../kubernetes/kubeconfig/entries.ts'
import { NamedEntries } from '../../../kubernetes/kubeconfig/named-entries.ts'
import { candidatePaths, type KubeconfigFile, readKubeconfigFile } from '../../../kubernetes/kubeconfig/target.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { shownPath } from '../../../shown-path.ts'
import type { Terminal } from '../../terminal.ts'
import { LOGIN_VARIABLE } from './entries.ts'
import type { UpdateOptions } from './options.ts'

/** Tokens may have another identity than the credentials that made the call. */
export function warnOfProfile([entry]: readonly ClusterEntries[], { processHost }: Runtime, terminal: Terminal): void {
  const isShared = entry?.clusterInfo?.profile !== undefined
  if (!isShared && !entry?.exec.env.some(({ name }) => name === 'AWS_PROFILE')) return
  terminal.err(
    `warning: this command used the credentials in the environment; tokens will use the profile${isShared ? '' : ', unless the variables are set'}\n` +
      '  hint: unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write no profile with ' +
      `${optionWithValue('exec-profile', '', processHost.platform)}\n`,
  )
}

/** Tokens need the profile of `--exec-profile`; where they are created, it may exist. */
export function warnOfMissingProfile({ execProfile }: UpdateOptions, { files }: Settings, terminal: Terminal): void {
  if (!execProfile || files.profiles.has(execProfile)) return
  const match = closestMatch(execProfile, [...files.profiles.keys()])
  const hint =
    match === undefined ? `create it in ${shownPath(files.configPath)}` : `did you mean ${redactValue(match)}?`
  const name = redactValue(execProfile)
  warn(
    `profile ${name} (--exec-profile) does not exist on this machine: tokens cannot be created until it exists`,
    hint,
    terminal,
  )
}

/** The AWS CLI writes any text as the role. */
export function warnOfRole({ roleArn }: UpdateOptions, [entry]: readonly ClusterEntries[], terminal: Terminal): void {
  if (roleArn === undefined || /^arn:[\w-]+:(iam|sts)::\d{12}:/.test(roleArn)) return
  const name = redactValue(roleArn)
  const [, partition = 'aws', , , account = 'ACCOUNT'] = (entry?.clusterName ?? '').split(':')
  const hint = /^[\w+=,.@/-]+$/.test(name)
    ? `use --role-arn arn:${partition}:iam::${account}:role/${name}, if the role is in the account of the cluster`
    : 'use the ARN of the role'
  warn(`${name} (--role-arn) is not the ARN of a role: tokens cannot be created`, hint, terminal)
}

/** With another user for a context, no context may have the former one; it is left, as there is no way back. */
export function warnOfFormerUsers(
  entries: readonly ClusterEntries[],
  { config, path }: KubeconfigFile,
  { processHost }: Runtime,
  terminal: Terminal,
): void {
  const existing = new NamedEntries(config)
  const written = new Set(entries.map(({ contextName }) => contextName))
  const kept = asList(field(config, 'contexts')).filter((entry) => !written.has(textField(entry, 'name') ?? ''))
  const used = [...kept.map((entry) => textField(field(entry, 'context'), 'user')), ...entries.map((e) => e.userName)]
  const former = entries.map(({ contextName }) =>
    textField(field(existing.find('contexts', contextName), 'context'), 'user'),
  )
  for (const name of new Set(former)) {
    if (name === undefined || used.includes(name) || !existing.has('users', name)) continue
    const quote = (word: string): string => quoteWord(word, processHost.platform)
    const command = `kubectl config delete-user ${quote(redactValue(name))} --kubeconfig ${quote(path)}`
    warn(`no context uses the user ${redactValue(name)} any longer`, `to remove it, run: ${command}`, terminal)
  }
}

/** A shared user has one environment for all clusters. */
export function warnOfSharedLogin(
  entries: readonly ClusterEntries[],
  { config }: KubeconfigFile,
  terminal: Terminal,
): void {
  const [entry] = entries
  const login = entry?.exec.env.find(({ name }) => name === LOGIN_VARIABLE)?.value
  if (!entry?.clusterInfo || login === undefined) return
  const existing = new NamedEntries(config)
  const exec = field(field(existing.find('users', entry.userName), 'user'), 'exec')
  const before = textField(findNamed(asList(field(exec, 'env')), LOGIN_VARIABLE), 'value') ?? 'never'
  const written = entries.map(({ clusterName }) => clusterName)
  const others = existing
    .contextsOf('user', entry.userName)
    .flatMap((context) => textField(context, 'cluster') ?? [])
    .filter((name) => !written.includes(name))
  if (before === login || others.length === 0) return
  const hint = 'to set it for one cluster only, give the cluster its own user: omit --shared-user'
  warn(`--login ${login} is now set for all clusters of the user ${redactValue(entry.userName)}`, hint, terminal)
}

/** kubectl takes `current-context` from the first file that has one. */
export function warnOfCurrentContext(
  entries: readonly ClusterEntries[],
  written: string,
  { kubeconfig }: UpdateOptions,
  runtime: Runtime,
  terminal: Terminal,
): void {
  const last = entries.at(-1)
  if (!last || last.keepCurrentContext) return
  for (const path of candidatePaths(kubeconfig, runtime)) {
    if (path === written) return
    const current = textField(attempt(() => readKubeconfigFile(path))?.config, 'current-context')
    if (current === last.contextName) return
    if (!current) continue
    const hint = `kubectl config use-context ${quoteWord(redactValue(last.contextName), runtime.processHost.platform)}`
    warn(
      `the current context is still ${redactValue(current)}, set in ${path}, which is earlier in KUBECONFIG`,
      hint,
      terminal,
    )
    return
  }
}

function warn(cause: string, hint: string, terminal: Terminal): void {
  terminal.err([`warning: ${cause}`, `  hint: ${hint}`].map((line) => `${sanitizeLine(line)}\n`).join(''))
}

/** A kubeconfig may contain tokens and keys of other clusters. On Windows mode bits mean nothing. */
export function warnOfMode(path: string, { processHost: { platform } }: Runtime, terminal: Terminal): void {
  if (platform === 'win32') return
  const stats = statSync(path)
  if (!stats.isFile() || (stats.mode & 0o077) === 0) return
  terminal.err(
    `${sanitizeLine(`warning: other users can read ${path}`)}\n${sanitizeLine(`  hint: chmod 600 ${quoteWord(path, platform)}`)}\n`,
  )
}
