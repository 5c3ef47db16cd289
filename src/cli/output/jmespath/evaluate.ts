import { callFunction } from './functions.ts'
import { inapplicable } from './invalid.ts'
import type { Comparator, Node } from './parse.ts'
import { compare, isArray, isEqual, isFalse, isNumber, type Value } from './values.ts'

/** https://jmespath.org/specification.html */
export function evaluate(node: Node, value: Value): Value {
  switch (node.kind) {
    case 'current':
      return value
    case 'literal':
      return node.value
    case 'field':
      return value instanceof Map ? (value.get(node.name) ?? null) : null
    case 'index':
      return isArray(value) ? (value.at(node.index) ?? null) : null
    case 'slice':
      return isArray(value) ? slice(value, node.parts) : null
    case 'chain':
      return node.steps.reduce((result, step) => evaluate(step, result), value)
    case 'flatten': {
      const list = evaluate(node.list, value)
      return isArray(list) ? list.flat() : null
    }
    case 'project':
      return project(node, evaluate(node.base, value))
    case 'list':
      return value === null ? null : node.items.map((item) => evaluate(item, value))
    case 'object':
      return value === null ? null : new Map(node.members.map(([key, member]) => [key, evaluate(member, value)]))
    case 'or': {
      const left = evaluate(node.left, value)
      return isFalse(left) ? evaluate(node.right, value) : left
    }
    case 'and': {
      const left = evaluate(node.left, value)
      return isFalse(left) ? left : evaluate(node.right, value)
    }
    case 'not':
      return isFalse(evaluate(node.operand, value))
    case 'compare':
      return compareBy(node.by, evaluate(node.left, value), evaluate(node.right, value))
    case 'call':
      return callFunction(
        node.name,
        node.parameters.map((parameter) => evaluate(parameter, value)),
      )
    case 'reference':
      return (item) => evaluate(node.expression, item)
  }
}

function project(node: Node & { kind: 'project' }, base: Value): Value {
  const items = node.over === 'list' ? isArray(base) && base : base instanceof Map && [...base.values()]
  if (!items) return null
  const { condition } = node
  const chosen = condition === undefined ? items : items.filter((item) => !isFalse(evaluate(condition, item)))
  return chosen.map((item) => evaluate(node.each, item)).filter((result) => result !== null)
}

/** Only equality is defined for all types; other comparisons are null except between two numbers or two strings. */
function compareBy(by: Comparator, left: Value, right: Value): Value {
  if (by === '==') return isEqual(left, right)
  if (by === '!=') return !isEqual(left, right)
  const isOrdered = [left, right].every((side) => isNumber(side) || typeof side === 'string')
  if (!isOrdered) return null
  if (Number.isNaN(left) || Number.isNaN(right)) return false
  const order = compare(left, right)
  if (by === '<') return order < 0
  if (by === '<=') return order <= 0
  return by === '>' ? order > 0 : order >= 0
}

/** Python's slices: https://docs.python.org/3/library/stdtypes.html#common-sequence-operations, notes 4 and 5 */
function slice(list: readonly Value[], [start, stop, step = 1]: readonly (number | undefined)[]): Value {
  if (step === 0) throw inapplicable('the step of a slice cannot be 0')
  const lowest = step < 0 ? -1 : 0
  const highest = step < 0 ? list.length - 1 : list.length
  const bound = (index: number) => Math.min(Math.max(index < 0 ? index + list.length : index, lowest), highest)
  const first = start === undefined ? (step < 0 ? highest : lowest) : bound(start)
  const last = stop === undefined ? (step < 0 ? lowest : highest) : bound(stop)
  const result: Value[] = []
  for (let index = first; step < 0 ? index > last : index < last; index += step) result.push(list[index] ?? null)
  return result
}
