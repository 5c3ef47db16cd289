import type { OutputValue } from '../../python/value.ts'
import type { ColorMode, OutputFormat } from './formats.ts'
import { renderJson } from './json.ts'

export type { OutputValue } from '../../python/value.ts'

export interface OutputOptions {
  format: OutputFormat
  /** The title of a table: the name of the command. */
  title: string
  color: ColorMode
  /** Whether stdout is a terminal, and its width; only tables use it. */
  terminal: { isTerminal: boolean; columns: number | undefined }
}

/**
 * Formats a value as the AWS CLI's formatter of that name does. All but JSON are lazy bundles,
 * because kubectl never uses them.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/formatter.py
 */
export async function renderOutput(value: OutputValue, options: OutputOptions): Promise<string> {
  switch (options.format) {
    case 'json':
      return renderJson(value)
    case 'text':
      return (await import('./text.ts')).renderText(value)
    case 'table':
      return (await import('./table.ts')).renderTable(value, {
        title: options.title,
        isColored: isColored(options),
        columns: options.terminal.columns,
      })
    case 'yaml':
      return (await import('./yaml.ts')).renderYaml(value)
    case 'yaml-stream':
      return (await import('./yaml.ts')).renderYamlStream(value)
    case 'off':
      return ''
  }
}

/**
 * The whole output of get-token: the formatted value and an empty line. After a table in color the AWS CLI resets the
 * colors once more, and on a terminal again when it exits.
 * https://github.com/tartley/colorama/blob/0.4.6/colorama/initialise.py
 */
export async function renderCommandOutput(value: OutputValue, options: OutputOptions): Promise<string> {
  const text = await renderOutput(value, options)
  const reset = options.format === 'table' && isColored(options) ? '\x1b[0m' : ''
  return `${text}\n${reset}${options.terminal.isTerminal ? reset : ''}`
}

function isColored({ color, terminal }: OutputOptions): boolean {
  return color === 'on' || (color === 'auto' && terminal.isTerminal)
}
