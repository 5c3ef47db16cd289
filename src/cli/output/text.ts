import { EksTokenError } from '../../errors.ts'
import { pythonText } from '../../python/repr.ts'
import {
  compareCodePoints,
  entriesOf,
  isList,
  isObject,
  isScalar,
  type OutputObject,
  type OutputValue,
  sortedEntries,
} from '../../python/value.ts'

/**
 * Tab-separated lines without keys, for cut and read: the scalars of an object on one line in the order of their keys,
 * nested values on the lines below, each beginning with its key in upper case.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/text.py
 */
export function renderText(value: OutputValue): string {
  return linesOf(value, undefined)
    .map((line) => `${line}\n`)
    .join('')
}

function linesOf(value: OutputValue, heading: string | undefined): string[] {
  if (isList(value)) return linesOfList(value, heading)
  if (isObject(value)) return linesOfObject(value, heading, undefined)
  return [pythonText(value)]
}

function linesOfList(list: readonly OutputValue[], heading: string | undefined): string[] {
  if (list.some(isObject)) {
    if (!list.every(isObject)) {
      throw new EksTokenError('ERR_OUTPUT', 'text output does not support a list with both objects and other values', {
        remedy: 'use --output json or a different --query',
      })
    }
    const columns = scalarKeys(list)
    return list.flatMap((object) => linesOfObject(object, heading, columns))
  }
  const scalars = list.filter(isScalar).map(pythonText)
  const nested = list.filter(isList).flatMap((item) => linesOfList(item, heading))
  if (scalars.length === 0) return nested
  const own = heading === undefined ? [scalars.join('\t')] : scalars.map((scalar) => `${heading}\t${scalar}`)
  return [...own, ...nested]
}

/** `columns`: the keys that have a scalar in any object of the list, so that its lines have the same columns. */
function linesOfObject(
  object: OutputObject,
  heading: string | undefined,
  columns: readonly string[] | undefined,
): string[] {
  const members = new Map(sortedEntries(object))
  const shown = columns ?? scalarKeys([object])
  const cells = shown.map((key) => pythonText(members.get(key) ?? (members.has(key) ? null : '')))
  const own = cells.length === 0 ? [] : [heading === undefined ? cells : [heading, ...cells]]
  const nested = [...members].filter(([key]) => !shown.includes(key))
  return [...own.map((line) => line.join('\t')), ...nested.flatMap(([key, value]) => linesOf(value, key.toUpperCase()))]
}

function scalarKeys(objects: readonly OutputObject[]): string[] {
  const scalars = objects.flatMap((object) => entriesOf(object).filter(([, value]) => isScalar(value)))
  return [...new Set(scalars.map(([key]) => key))].sort(compareCodePoints)
}
