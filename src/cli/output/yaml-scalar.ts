/** The names of the styles in the package yaml. */
export type ScalarStyle = 'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE'

/**
 * The style of a string in block style YAML: quoted where libyaml could not parse a plain scalar, and where ruamel.yaml
 * would parse something other than a string.
 * https://github.com/yaml/libyaml/blob/0.2.5/src/emitter.c
 */
export function styleOf(text: string): ScalarStyle {
  if (text.search(UNPRINTABLE) >= 0 || SPACE_AT_BREAK.test(text)) return 'QUOTE_DOUBLE'
  if (text.includes('\n') || INDICATOR.test(text) || OTHER_TYPES.some((pattern) => pattern.test(text))) {
    return 'QUOTE_SINGLE'
  }
  return 'PLAIN'
}

/**
 * Escapes what the package yaml does not escape in double quotes: a parser would take some of these characters for line
 * breaks. They occur only in double quotes, see `styleOf`.
 * https://yaml.org/spec/1.2.2/#57-escaped-characters
 */
export function escapeUnprintable(yaml: string): string {
  return yaml.replace(UNPRINTABLE, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
    if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
  })
}

/** Includes what libyaml does not consider printable: everything above U+FFFF, tabs, and the byte order mark. */
const UNPRINTABLE = /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu
const SPACE_AT_BREAK = / \n|\n /
/** What a parser would not take for a plain scalar, or whose outer spaces it would drop. */
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
