/** Plain data as YAML that YAML 1.1 readers, such as kubectl, and YAML 1.2 readers understand in the same way. */

/** Where lines are written: their indentation and the line break of the file. */
export interface Layout {
  readonly indent: string
  readonly lineBreak: string
}

type Style = 'plain' | 'single' | 'double'

/**
 * A map or a sequence in block style; its first line has no indentation, and its last no line break.
 *
 * @param value - not empty
 */
export function renderBlock(value: object, layout: Layout): string {
  const { indent, lineBreak } = layout
  const lines = Array.isArray(value)
    ? value.map((item) => `- ${renderItem(item, { ...layout, indent: `${indent}  ` })}`)
    : Object.entries(value).map(([key, item]) => renderPair(key, item, layout))
  return lines.join(`${lineBreak}${indent}`)
}

/** `key: value` in a block map. */
export function renderPair(key: string, value: unknown, layout: Layout): string {
  if (!isFilled(value)) return `${renderScalar(key)}: ${renderLeaf(value)}`
  const inner = Array.isArray(value) ? layout : { ...layout, indent: `${layout.indent}  ` }
  return `${renderScalar(key)}:${layout.lineBreak}${inner.indent}${renderBlock(value, inner)}`
}

/** The value after a `- `, whose lines have the indentation of the layout. */
export function renderItem(value: unknown, layout: Layout): string {
  return isFilled(value) ? renderBlock(value, layout) : renderLeaf(value)
}

/** JSON, for flow collections. @param unit - indentation of one level; undefined: in one line */
export function renderFlow(value: unknown, { indent, lineBreak }: Layout, unit: string | undefined): string {
  const render = (item: unknown, prefix: string): string => {
    if (!isFilled(item)) return typeof item === 'string' ? doubleQuoted(item) : renderLeaf(item)
    const inner = prefix + (unit ?? '')
    const parts = Array.isArray(item)
      ? item.map((part) => render(part, inner))
      : Object.entries(item).map(([key, part]) => `${doubleQuoted(key)}: ${render(part, inner)}`)
    const [open, close] = Array.isArray(item) ? '[]' : '{}'
    if (unit === undefined) return `${open}${parts.join(', ')}${close}`
    return `${open}${lineBreak}${inner}${parts.join(`,${lineBreak}${inner}`)}${lineBreak}${prefix}${close}`
  }
  return render(value, indent)
}

/** @param style - preferred; quotes are used where the plain text would mean something else */
export function renderScalar(text: string, style: Style = 'plain'): string {
  if (style === 'plain' && isPlain(text)) return text
  if (style === 'single' && /^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", "''")}'`
  return doubleQuoted(text)
}

/** Whether a value is a map or a sequence with content. */
export function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function renderLeaf(value: unknown): string {
  if (typeof value === 'string') return renderScalar(value)
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object' && value !== null) return '{}'
  return JSON.stringify(value) ?? 'null'
}

/**
 * Words and numbers of YAML 1.1 are quoted, also those that only some readers know (`y`, `1:30`, `0o7`, `=`, `<<`): what begins
 * like a number is never plain. https://yaml.org/type/
 */
function isPlain(text: string): boolean {
  const isSafe = /^(?:--?)?[A-Za-z/](?:[\w.:/@+=,-]*[\w./@+=,-])?$/.test(text)
  return isSafe && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text) && !/^-*\.?(?:inf|nan)$/i.test(text)
}

/** As JSON, with escapes for what a reader of YAML may reject or treat as a line break, and for invisible characters. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
