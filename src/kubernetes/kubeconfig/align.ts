import { isRecord, textField } from '../../json.ts'

/**
 * Which items of a list stay. Items with names are recognized by them, others by their position.
 *
 * @returns for each item before its index after, or undefined for an item that goes; those that stay are the first ones after,
 *   in the same order. undefined: the list is to be replaced as a whole
 */
export function alignItems(
  before: readonly unknown[],
  after: readonly unknown[],
): readonly (number | undefined)[] | undefined {
  const isNamed = before.every((item) => isRecord(item) && textField(item, 'name') !== undefined)
  if (!isNamed) return after.length < before.length ? undefined : before.map((_, index) => index)
  let kept = 0
  return before.map((item) => {
    const candidate = after[kept]
    const stays =
      item === candidate || (kept < after.length && textField(item, 'name') === textField(candidate, 'name'))
    return stays ? kept++ : undefined
  })
}
