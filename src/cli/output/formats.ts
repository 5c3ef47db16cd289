/**
 * The output formats of the AWS CLI v2.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/data/cli.json
 */
export const OUTPUT_FORMATS = ['json', 'text', 'table', 'yaml', 'yaml-stream', 'off'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** For help texts and hints: `json, text, …, yaml-stream or off`. */
export const OUTPUT_FORMAT_NAMES = `${OUTPUT_FORMATS.slice(0, -1).join(', ')} or ${OUTPUT_FORMATS.at(-1)}`

export const COLOR_MODES = ['on', 'off', 'auto'] as const
export type ColorMode = (typeof COLOR_MODES)[number]

/** What the options of a command line request. */
export interface OutputRequest {
  format?: OutputFormat
  /** A JMESPath expression. */
  query?: string
  color?: ColorMode
}
