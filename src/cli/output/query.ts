import type { OutputValue } from '../../python/value.ts'
import { evaluate } from './jmespath/evaluate.ts'
import { invalid } from './jmespath/invalid.ts'
import { parse } from './jmespath/parse.ts'
import { fromJson, toJson } from './jmespath/values.ts'

/**
 * Compiles an expression of --query. An invalid expression is an error at once, before any work; one that cannot be
 * applied to the value is an error when the function is called.
 *
 * The npm package jmespath is not used: it rejects `length(@.kind)`, sorts numbers as text, prints 1.0 as 1 and accepts an
 * unclosed quote, unlike the AWS CLI's jmespath.py.
 */
export function compileQuery(expression: string): (value: OutputValue) => OutputValue {
  if (expression === '') throw invalid(expression, 'cannot be empty.')
  const node = withinTheStack(() => parse(expression))
  return (value) => withinTheStack(() => toJson(evaluate(node, fromJson(value))))

  /** An expression of thousands of brackets is rejected when it exceeds the stack, as by the AWS CLI. */
  function withinTheStack<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw error instanceof RangeError ? invalid(expression.slice(0, 40), 'nested too deeply') : error
    }
  }
}
