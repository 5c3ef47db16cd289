import { entriesOf, isEmptyObject, isList, jsonNumber, type OutputValue } from '../../python/value.ts'

/** The AWS CLI prints nothing for an empty object. */
export function renderJson(value: OutputValue): string {
  return isEmptyObject(value) ? '' : `${jsonText(value, '\n')}\n`
}

/**
 * Python's `json.dump(value, indent=4, ensure_ascii=False)`. JSON.stringify would differ in numbers and in the
 * order of keys such as "1".
 *
 * @param newline - a line break and the indentation of the value
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
