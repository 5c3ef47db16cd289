import { escapeControlsInJson } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import type { CliOptions } from './args/option.ts'
import { type OutputValue, renderOutput } from './output/index.ts'
import { withoutControls } from './output/without-controls.ts'
import { type TextStyle, textStyleFor } from './style.ts'
import type { Terminal } from './terminal.ts'

/** Prints the result of a subcommand: a report for users, or what `--output` and `--query` select. */
export interface Reporter {
  readonly isHumanReadable: boolean
  readonly style: TextStyle
  readonly print: (value: OutputValue, renderReport: (style: TextStyle) => string) => Promise<void>
}

/**
 * The output formats of environment and profile are ignored: they are set for programs that parse the AWS CLI's output.
 *
 * @param title - of a table
 * @throws EksTokenError `ERR_PARAMETER` for an invalid `--query`, before any work
 */
export async function createReporter(
  title: string,
  { output }: Pick<CliOptions, 'output'>,
  runtime: Runtime,
  terminal: Terminal,
): Promise<Reporter> {
  const query = await compileQuery(output.query)
  const format = output.format ?? (query ? 'json' : undefined)
  const style = textStyleFor(output.color, runtime.env, terminal)
  return {
    isHumanReadable: format === undefined,
    style,
    print: async (value, renderReport) => {
      if (format === undefined) return terminal.out(renderReport(style))
      const color = output.color ?? (runtime.env.NO_COLOR ? 'off' : 'auto')
      const options = { format, title, color, terminal: terminal.stdout() }
      const result = query ? query(value) : value
      // Text and tables have no escapes.
      if (format === 'json') terminal.out(escapeControlsInJson(await renderOutput(result, options)))
      else terminal.out(await renderOutput(withoutControls(result), options))
    },
  }
}

/** The function of a `--query`; its code is loaded only where there is one. @throws EksTokenError `ERR_PARAMETER` */
export async function compileQuery(
  expression: string | undefined,
): Promise<((value: OutputValue) => OutputValue) | undefined> {
  if (expression === undefined) return undefined
  const { compileQuery } = await import('./output/query.ts')
  return compileQuery(expression)
}
