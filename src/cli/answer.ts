import type { Host } from '../host.ts'
import type { CommandCall } from './commands.ts'
import { compileQuery } from './get-token.ts'
import { type Json, type OutputFormat, renderOutput } from './output.ts'
import { type Screen, screenFor } from './screen.ts'
import type { Terminal } from './terminal.ts'

/** How a command of ours answers: a picture for people, or what --output and --query say. */
export interface Answering {
  readonly isPicture: boolean
  readonly screen: Screen
  readonly print: (value: Json, picture: (screen: Screen) => string) => Promise<void>
}

/**
 * Formats of environment and profile do not count: they are meant for programs that read the AWS CLI's answers.
 *
 * @throws EksTokenError `ERR_PARAMETER` for a --query that is none, before any work
 */
export async function answering(
  title: string,
  { values }: CommandCall,
  host: Host,
  terminal: Terminal,
): Promise<Answering> {
  const text = (name: string): string | undefined => values.get(name) as string | undefined
  const expression = text('query')
  const query = expression === undefined ? undefined : await compileQuery(expression)
  const format = (text('output') ?? (query ? 'json' : undefined)) as OutputFormat | undefined
  const screen = screenFor(text('color'), host.env, terminal)
  return {
    isPicture: format === undefined,
    screen,
    print: async (value, picture) => {
      if (format === undefined) return terminal.out(picture(screen))
      const color = (text('color') ?? (host.env.NO_COLOR ? 'off' : 'auto')) as 'on' | 'off' | 'auto'
      const options = { format, title, color, terminal: terminal.stdout() }
      terminal.out(await renderOutput(query ? query(value) : value, options))
    },
  }
}
