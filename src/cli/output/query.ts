import type { OutputValue } from '../../python/value.ts'
import { evaluate } from './jmespath/evaluate.ts'
import { invalid } from './jmespath/invalid.ts'
import { parse } from './jmespath/parse.ts'
import { fromJson, toJson } from './jmespath/values.ts'

/**
 * The function that an expression of --query stands for. A bad expression is an error here and now, before any
 * work; one that cannot be applied to the value, when it is called.
 *
 * The implementation is our own: the npm package jmespath refuses `length(@.kind)`, sorts numbers as text, takes
 * 1.0 for 1 and a quote that is never closed for closed, where the AWS CLI's jmespath.py does not.
 */
export function compileQuery(expression: string): (value: OutputValue) => OutputValue {
  if (expression === '') throw invalid(expression, 'cannot be empty.')
  const node = withinTheStack(() => parse(expression))
  return (value) => withinTheStack(() => toJson(evaluate(node, fromJson(value))))

  /** An expression of thousands of brackets is refused where it outgrows the stack, as the AWS CLI does. */
  function withinTheStack<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw error instanceof RangeError ? invalid(expression.slice(0, 40), 'it is nested too deeply.') : error
    }
  }
}
