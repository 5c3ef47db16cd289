/**
 * How a string may stand in block style YAML: by libyaml's rules for what can be read back, and ruamel.yaml's for
 * what would be read back as something else than a string.
 * https://github.com/yaml/libyaml/blob/0.2.5/src/emitter.c
 */
export type ScalarStyle = 'plain' | 'single' | 'double'

export function styleOf(text: string): ScalarStyle {
  if (UNPRINTABLE.test(text) || SPACE_AT_BREAK.test(text)) return 'double'
  if (BREAK.test(text) || INDICATOR.test(text) || OTHER_TYPES.some((pattern) => pattern.test(text))) return 'single'
  return 'plain'
}

export function isBreak(character: string | undefined): boolean {
  return character !== undefined && BREAK.test(character)
}

/** Also what libyaml has no table for: everything above U+FFFF, tabs, and the byte order mark. */
export const UNPRINTABLE = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u
/** The other line breaks of YAML, CR and NEL, are unprintable. */
const BREAK = /[\n\u2028\u2029]/
const SPACE_AT_BREAK = / [\n\u2028\u2029]|[\n\u2028\u2029] /
/** What would begin or end something else in the place of a plain scalar, or lose its outer spaces. */
const INDICATOR = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?-](?: |$)| )|:(?: |$)| #| $/

/**
 * https://yaml.org/spec/1.2.2/#1032-tag-resolution with what ruamel.yaml keeps of YAML 1.1: dates, `=`, `<<`,
 * underscores in numbers. yes, no, on and off are strings.
 */
const OTHER_TYPES = [
  /^(?:~|null|Null|NULL|)$/,
  /^(?:true|True|TRUE|false|False|FALSE)$/,
  /^(?=[-+0-9])[-+]?(?:0b[01_]+|0o?[0-7_]+|[0-9_]+|0x[0-9a-fA-F_]+)$/,
  /^[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?$/,
  /^[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/,
  /^(?:<<|=)$/,
]
