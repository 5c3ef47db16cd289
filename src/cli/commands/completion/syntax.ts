import { OPTIONS } from '../../args/options.ts'
import type { CommandEntry } from '../../subcommand.ts'
import { SUMMARIES } from '../summaries.ts'
import { SHOWN_OPTIONS } from '../update-kubeconfig/options.ts'
import type { CommandSyntax } from './candidates.ts'

/** Every command with its options, from the tables that parse them. */
export async function commandSyntax(commands: readonly CommandEntry[]): Promise<readonly CommandSyntax[]> {
  const summaries: Readonly<Record<string, string>> = SUMMARIES
  const subcommands = await Promise.all(
    commands.map(async ({ name, load }) => {
      const { optionGroups, ownOptions, usage } = await load()
      const shared = OPTIONS.filter(({ group }) => group !== undefined && optionGroups.includes(group))
      // `list|clear [options]`: a choice of words.
      const [first = ''] = usage.split(' ')
      const words = /^[a-z]+(\|[a-z]+)+$/.test(first) ? first.split('|') : []
      return { name, summary: summaries[name] ?? '', options: [...ownOptions, ...shared], words }
    }),
  )
  return [
    { name: '', summary: '', options: OPTIONS, words: [] },
    { name: 'update-kubeconfig', summary: SUMMARIES['update-kubeconfig'], options: SHOWN_OPTIONS, words: [] },
    ...subcommands,
  ]
}
