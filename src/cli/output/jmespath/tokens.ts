import { invalid } from './invalid.ts'
import { parseJson } from './json-literal.ts'
import type { Value } from './values.ts'

/** The kind of a punctuation token is its text; other tokens have a value. `start` is its position in the expression. */
export type Token =
  | { kind: Sign | 'end'; start: number }
  | { kind: 'name' | 'quotedName'; value: string; start: number }
  | { kind: 'number'; value: number; start: number }
  | { kind: 'literal'; value: Value; start: number }

export type Sign =
  | ('[?' | '[]' | '[' | ']' | '{' | '}' | '(' | ')' | '.' | ',' | ':' | '*' | '@' | '!')
  | ('|' | '||' | '&' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=')

/** In quotes, a backslash escapes the next character. */
const TOKEN =
  /(?<space>[ \t\n\r]+)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>-?[0-9]+)|(?<quoted>"(?:\\.|[^"\\])*")|'(?<raw>(?:\\.|[^'\\])*)'|`(?<json>(?:\\.|[^`\\])*)`|(?<sign>\[\?|\[\]|\|\||&&|[=!<>]=|[[\]{}().,:*@!|&<>])/sy

/** https://jmespath.org/specification.html#grammar */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  let start = 0
  while (start < expression.length) {
    TOKEN.lastIndex = start
    const groups = TOKEN.exec(expression)?.groups
    if (groups === undefined) throw unreadable(expression, start)
    if (groups.space === undefined) tokens.push(tokenOf(groups, expression, start))
    start = TOKEN.lastIndex
  }
  return [...tokens, { kind: 'end', start }]
}

function tokenOf(groups: Record<string, string | undefined>, expression: string, start: number): Token {
  const { name, number, quoted, raw, json, sign } = groups
  if (name !== undefined) return { kind: 'name', value: name, start }
  if (number !== undefined) return { kind: 'number', value: Number(number), start }
  if (raw !== undefined) return { kind: 'literal', value: raw.replaceAll("\\'", "'"), start }
  if (quoted !== undefined) {
    const value = parseJson(quoted)
    if (typeof value === 'string') return { kind: 'quotedName', value, start }
    throw invalid(expression, 'the quoted name is not a valid JSON string', start)
  }
  if (json !== undefined) {
    const text = json.replaceAll('\\`', '`')
    // The quotes of a string may be omitted: https://jmespath.org/proposals/raw-string-literals.html
    const asIs = parseJson(text)
    const value = asIs === undefined ? parseJson(`"${text.trimStart()}"`) : asIs
    if (value !== undefined) return { kind: 'literal', value, start }
    throw invalid(expression, 'the text between the backticks is not valid JSON', start)
  }
  return { kind: sign as Sign, start }
}

function unreadable(expression: string, start: number): Error {
  const character = String.fromCodePoint(expression.codePointAt(start) ?? 0)
  const isQuote = ['"', "'", '`'].includes(character)
  return invalid(expression, isQuote ? `unclosed ${character}` : `unexpected character: ${character}`, start)
}
