import { entriesOf, isList, isScalar, type OutputValue } from '../../python/value.ts'
import { replaceControls } from '../../redact.ts'

/** The value with spaces in place of control characters, for formats that cannot escape them; itself if it has none. */
export function withoutControls(value: OutputValue): OutputValue {
  return hasControls(value) ? replaceIn(value) : value
}

function hasControls(value: OutputValue): boolean {
  if (typeof value === 'string') return replaceControls(value) !== value
  if (isScalar(value)) return false
  if (isList(value)) return value.some(hasControls)
  return entriesOf(value).some(([key, item]) => hasControls(key) || hasControls(item))
}

function replaceIn(value: OutputValue): OutputValue {
  if (typeof value === 'string') return replaceControls(value)
  if (isScalar(value)) return value
  if (isList(value)) return value.map(replaceIn)
  return new Map(entriesOf(value).map(([key, item]) => [replaceControls(key), replaceIn(item)]))
}
