import type { Runtime } from '../runtime.ts'
import { compileQuery } from './commands/get-token.ts'
import type { CommandCall } from './commands/index.ts'
import { type OutputFormat, type OutputValue, renderOutput } from './output/index.ts'
import { type TextStyle, textStyleFor } from './style.ts'
import type { Terminal } from './terminal.ts'

/** How a command of ours answers: a picture for people, or what --output and --query say. */
export interface Reporter {
  readonly isHumanReadable: boolean
  readonly style: TextStyle
  readonly print: (value: OutputValue, renderReport: (style: TextStyle) => string) => Promise<void>
}

/**
 * Formats of environment and profile do not count: they are meant for programs that read the AWS CLI's answers.
 *
 * @throws EksTokenError `ERR_PARAMETER` for a --query that is none, before any work
 */
export async function createReporter(
  title: string,
  { values }: CommandCall,
  runtime: Runtime,
  terminal: Terminal,
): Promise<Reporter> {
  const text = (name: string): string | undefined => values.get(name) as string | undefined
  const expression = text('query')
  const query = expression === undefined ? undefined : await compileQuery(expression)
  const format = (text('output') ?? (query ? 'json' : undefined)) as OutputFormat | undefined
  const style = textStyleFor(text('color'), runtime.env, terminal)
  return {
    isHumanReadable: format === undefined,
    style,
    print: async (value, renderReport) => {
      if (format === undefined) return terminal.out(renderReport(style))
      const color = (text('color') ?? (runtime.env.NO_COLOR ? 'off' : 'auto')) as 'on' | 'off' | 'auto'
      const options = { format, title, color, terminal: terminal.stdout() }
      terminal.out(await renderOutput(query ? query(value) : value, options))
    },
  }
}
