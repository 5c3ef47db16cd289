import { entriesOf, isEmptyObject, isList, jsonNumber, type OutputValue } from '../../python/value.ts'
import type { ColorMode, OutputFormat } from './formats.ts'
import { renderText } from './text.ts'

export type { OutputValue } from '../../python/value.ts'

export interface OutputOptions {
  format: OutputFormat
  /** What a table is headed with: the name of the command. */
  title: string
  color: ColorMode
  /** Is stdout a terminal, and how wide; only a table asks. */
  terminal: { isTerminal: boolean; columns: number | undefined }
}

/**
 * What the AWS CLI's formatter of that name writes. Table and YAML are bundles of their own, because kubectl
 * never asks for them.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/formatter.py
 */
export async function renderOutput(value: OutputValue, options: OutputOptions): Promise<string> {
  switch (options.format) {
    case 'json':
      return isEmptyObject(value) ? '' : `${jsonText(value, '\n')}\n`
    case 'text':
      return renderText(value)
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
 * All that get-token prints: the formatter's text and an empty line of its own. After a table in colour the AWS
 * CLI resets the colours here too, and on a terminal once more when it ends.
 * https://github.com/tartley/colorama/blob/0.4.6/colorama/initialise.py
 */
export async function renderAnswer(value: OutputValue, options: OutputOptions): Promise<string> {
  const text = await renderOutput(value, options)
  const reset = options.format === 'table' && isColored(options) ? '\x1b[0m' : ''
  return `${text}\n${reset}${options.terminal.isTerminal ? reset : ''}`
}

function isColored({ color, terminal }: OutputOptions): boolean {
  return color === 'on' || (color === 'auto' && terminal.isTerminal)
}

/**
 * Python's `json.dump(value, indent=4, ensure_ascii=False)`. `newline` is a line break with the indent of the
 * value. JSON.stringify alone would do but for numbers and the order of keys such as "1".
 */
function jsonText(value: OutputValue, newline: string): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint') return jsonNumber(value)
  if (typeof value === 'boolean' || value === null) return String(value)
  const inner = `${newline}    `
  if (isList(value)) {
    if (value.length === 0) return '[]'
    return `[${inner}${value.map((item) => jsonText(item, inner)).join(`,${inner}`)}${newline}]`
  }
  const members = entriesOf(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, inner)}`)
  return members.length === 0 ? '{}' : `{${inner}${members.join(`,${inner}`)}${newline}}`
}
