import { type CacheEntry, clearRoleCache, listCacheEntries } from '../../credentials/cache/list.ts'
import { EksTokenError } from '../../errors.ts'
import { redactKeyId, redactValue, sanitizeLine } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import { formatTime } from '../../time-format.ts'
import type { OutputValue } from '../output/index.ts'
import { createReporter } from '../output-mode.ts'
import type { TextStyle } from '../style.ts'
import { defineCommand, OUTPUT_HELP, type ParsedCommand } from '../subcommand.ts'
import type { Terminal } from '../terminal.ts'

/** Lists and clears cached credentials. */
export const COMMAND = defineCommand({
  usage: 'list|clear [options]',
  description:
    'list shows the credentials that are cached on disk, without secrets: those of --role-arn, and those of roles and ' +
    "IAM Identity Center in the AWS CLI's cache. clear removes those of --role-arn; the AWS CLI's cache is not changed.",
  optionGroups: ['general', 'output'],
  helpOverrides: OUTPUT_HELP,
  maxPositionals: 1,
  choices: ['list', 'clear'],
  footer: `
Examples:
  # show the cached sessions and when they expire
  eks-get-token cache list
  # remove the cached sessions of --role-arn
  eks-get-token cache clear
`,
  exitCodes: { 255: 'any other error, such as an entry that cannot be removed' },
  run: async (call, runtime, terminal) => {
    const [action] = call.positionals
    if (action === 'list') await list(call, runtime, terminal)
    else if (action === 'clear') await clear(call, runtime, terminal)
    else {
      throw new EksTokenError('ERR_USAGE', 'expected a subcommand: list or clear', {
        remedy: "run 'eks-get-token cache list' or 'eks-get-token cache clear'",
      })
    }
    return 0
  },
})

async function list(call: ParsedCommand, runtime: Runtime, terminal: Terminal): Promise<void> {
  const reporter = await createReporter('cache list', call.options, runtime, terminal)
  const entries = listCacheEntries(runtime).map(toShownEntry)
  const now = runtime.now()
  const value = entries.map((entry) => ({
    owner: entry.owner,
    accessKeyId: entry.accessKeyId,
    role: entry.role ?? null,
    expires: entry.expiration?.toISOString() ?? null,
    file: entry.file,
  }))
  await reporter.print(value as OutputValue, (style) =>
    entries.length === 0
      ? 'No cached credentials.\n'
      : entries.map((entry) => renderEntry(entry, now, style)).join('\n'),
  )
}

interface ShownEntry extends Omit<CacheEntry, 'credentials'> {
  readonly accessKeyId: string
  readonly expiration: Date | undefined
}

/** Anything may be in a cache file. */
function toShownEntry({ credentials, role, file, ...entry }: CacheEntry): ShownEntry {
  return {
    ...entry,
    role: role === undefined ? undefined : redactValue(role),
    file: withNativeSeparators(sanitizeLine(file)),
    accessKeyId: redactKeyId(credentials.accessKeyId),
    expiration: credentials.expiration,
  }
}

function renderEntry(entry: ShownEntry, now: Date, style: TextStyle): string {
  const { owner, accessKeyId, expiration, role, file } = entry
  const ownerName = owner === 'aws' ? 'AWS CLI' : 'eks-get-token'
  const validity = expiration ? renderValidity(expiration, now, style) : 'no expiration'
  return `${style.bold(role ?? describeRole(entry))} (${ownerName})\n  ${accessKeyId}, ${validity}\n  ${style.dim(file)}\n`
}

/** Of an entry that does not name its role. */
function describeRole({ isSso, accountId }: ShownEntry): string {
  return `${isSso ? 'IAM Identity Center' : 'a role'}${accountId === undefined ? '' : `, account ${accountId}`}`
}

function renderValidity(expiration: Date, now: Date, style: TextStyle): string {
  const time = formatTime(expiration, now)
  return expiration > now ? `valid until ${time}` : style.colorize('warn', `expired ${time}`)
}

async function clear(call: ParsedCommand, runtime: Runtime, terminal: Terminal): Promise<void> {
  const reporter = await createReporter('cache clear', call.options, runtime, terminal)
  const { removed, notRemoved: remaining } = clearRoleCache(runtime)
  if (remaining.length > 0) {
    throw new EksTokenError('ERR_OUTPUT', `cannot remove ${remaining.map(withNativeSeparators).join(', ')}`, {
      remedy: 'check the owner and permissions of the directory, or remove the files manually',
    })
  }
  const count = (entries: number): string => `${entries} ${entries === 1 ? 'entry' : 'entries'}`
  await reporter.print({ removed }, () => {
    const kept = listCacheEntries(runtime).filter(({ owner }) => owner === 'aws').length
    const text = removed === 0 ? 'The cache of --role-arn is already empty.' : `${count(removed)} removed.`
    const note = kept === 0 ? '' : ` ${count(kept)} in the AWS CLI's cache ${kept === 1 ? 'is' : 'are'} not changed.`
    return `${text}${note}\n`
  })
}
