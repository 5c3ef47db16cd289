import { entriesOf, isList, type OutputValue, pythonFloatRepr } from './value.ts'

/** Python's `str()` of a value, as the text and table formats print it: None, True, 1.0, and lists as Python literals. */
export function pythonText(value: OutputValue): string {
  return typeof value === 'string' ? value : pythonLiteral(value)
}

/** Python's `repr()`. https://docs.python.org/3/library/functions.html#repr */
function pythonLiteral(value: OutputValue): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return pythonFloatRepr(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return pythonString(value)
  if (isList(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  return `{${entriesOf(value)
    .map(([key, item]) => `${pythonString(key)}: ${pythonLiteral(item)}`)
    .join(', ')}}`
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  // The characters for which str.isprintable() is false, and the space: control, format, private use, unassigned, separators.
  // https://docs.python.org/3/library/stdtypes.html#str.isprintable
  const escaped = text.replace(/[\\'\p{C}\p{Z}]/gu, (character) => {
    if (character === ' ') return character
    if (character === "'") return quote === "'" ? "\\'" : character
    return SHORT_ESCAPES[character] ?? hexEscape(character.codePointAt(0) ?? 0)
  })
  return `${quote}${escaped}${quote}`
}

function hexEscape(codePoint: number): string {
  const hex = codePoint.toString(16)
  if (codePoint <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return codePoint <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
