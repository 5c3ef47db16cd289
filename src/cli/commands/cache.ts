import { type CacheEntry, clearRoleCache, listCacheEntries } from '../../credentials/cache/list.ts'
import { EksTokenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { OutputValue } from '../output/index.ts'
import { createReporter } from '../output-mode.ts'
import type { TextStyle } from '../style.ts'
import { defineCommand, OUTPUT_HELP, type ParsedCommand } from '../subcommand.ts'
import type { Terminal } from '../terminal.ts'

/** What the caches of credentials hold, and how to empty ours. */
export const COMMAND = defineCommand({
  usage: 'list|clear [options]',
  description:
    'list shows the credentials that are kept on disk, without a secret: those of --role-arn in our own folder, and ' +
    "those of roles and SSO in the AWS CLI's. clear removes what is ours, and leaves the AWS CLI's alone.",
  optionGroups: ['general', 'output'],
  helpOverrides: OUTPUT_HELP,
  own: () => ({}),
  ownOptions: [],
  maxPositionals: 1,
  footer: `
Examples:
  # which sessions are kept, and until when
  eks-get-token cache list
  # forget the sessions of --role-arn
  eks-get-token cache clear

Exit codes: 0 done, 252 command line, 255 something could not be removed
`,
  run: async (call, runtime, terminal) => {
    const [action] = call.positionals
    if (action === 'list') await list(call, runtime, terminal)
    else if (action === 'clear') await clear(call, runtime, terminal)
    else {
      throw new EksTokenError(
        'ERR_USAGE',
        action === undefined ? 'cache: list or clear?' : `cache has no '${action}'`,
        {
          remedy: "run 'eks-get-token cache list' or 'eks-get-token cache clear'",
        },
      )
    }
    return 0
  },
})

async function list(call: ParsedCommand, runtime: Runtime, terminal: Terminal): Promise<void> {
  const answer = await createReporter('cache list', call.options, runtime, terminal)
  const entries = listCacheEntries(runtime)
  const now = runtime.now()
  const value = entries.map((entry) => ({
    owner: entry.owner,
    accessKeyId: entry.credentials.accessKeyId,
    role: entry.role ?? null,
    expires: entry.credentials.expiration?.toISOString() ?? null,
    file: entry.file,
  }))
  await answer.print(value as OutputValue, (style) =>
    entries.length === 0 ? 'Nothing is kept.\n' : entries.map((entry) => picture(entry, now, style)).join('\n'),
  )
}

function picture({ owner, credentials, role, file }: CacheEntry, now: Date, style: TextStyle): string {
  const { accessKeyId, expiration } = credentials
  const minutes = Math.floor(((expiration?.getTime() ?? 0) - now.getTime()) / 60_000)
  const until = `until ${expiration?.toISOString().replace('.000', '')}`
  const left = minutes < 0 ? style.colorize('warn', 'expired') : `${minutes} min left`
  const whose = owner === 'aws' ? "the AWS CLI's" : 'ours'
  return `${style.bold(role ?? 'a role, unknown which')} (${whose})\n  ${accessKeyId} ${until}, ${left}\n  ${style.dim(file)}\n`
}

async function clear(call: ParsedCommand, runtime: Runtime, terminal: Terminal): Promise<void> {
  const answer = await createReporter('cache clear', call.options, runtime, terminal)
  const { removed, left } = clearRoleCache(runtime)
  if (left.length > 0) {
    throw new EksTokenError('ERR_OUTPUT', `${left.length} of ours could not be removed: ${left.join(', ')}`, {
      remedy: 'see whose they are, and remove them by hand',
    })
  }
  await answer.print({ removed }, () =>
    removed === 0 ? 'There was nothing of ours.\n' : `${removed} ${removed === 1 ? 'entry' : 'entries'} removed.\n`,
  )
}
