import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { bindEagerly } from '../../build/eager-functions.mjs'

const LONG = `/* ${'x'.repeat(100)} */`
const everything = () => true

/** @returns the code with every long function of its top level bound, and what its last line evaluates to then */
function bound(code: string): { code: string; result: unknown } {
  const rewritten = bindEagerly(code, everything)
  return { code: rewritten, result: runInNewContext(rewritten) }
}

describe('functions that a run calls are bound at the top of the bundle', () => {
  test.each([
    ['called before its place in the file', `f(2);function f(a){${LONG}return a*2}f(3)`, 6],
    ['recursive', `function f(n){${LONG}return n?n*f(n-1):1}f(5)`, 120],
    [
      'two that call each other',
      `function a(n){${LONG}return n?b(n-1):'a'}function b(n){${LONG}return n?a(n-1):'b'}a(3)`,
      'b',
    ],
    [
      'a constructor',
      `function C(a){${LONG}this.a=a}C.prototype.twice=function(){return this.a*2};new C(4).twice()`,
      8,
    ],
    ['a generator', `function*g(){${LONG}yield 1;yield 2}[...g()].join()`, '1,2'],
    ['default values and arguments', `function f(a=1,{b}={b:2}){${LONG}return a+b+arguments.length}f(5)`, 8],
    ['its own name', `function f(){${LONG}}f.name`, 'f'],
  ])('%s', (_title, code, expected) => {
    const { code: rewritten, result } = bound(code)
    expect(result).toBe(expected)
    expect(rewritten).toMatch(/^var \w=\(function/)
  })

  test('an async function stays one', async () => {
    const { code, result } = bound(`async function f(a){${LONG}return await a}f(7)`)
    expect(await result).toBe(7)
    expect(code).toMatch(/^var f=\(async function\(/)
  })

  test('directives stay first', () => {
    expect(bound(`"use strict";function f(){${LONG}return this}f()`)).toEqual({
      code: `"use strict";var f=(function(){${LONG}return this});f()`,
      result: undefined,
    })
  })

  test('those that are short, inside of others or not called stay as they are', () => {
    const code = `function short(){}function hot(){${LONG}}function outer(){function inner(){${LONG}}}`
    const hot = code.indexOf('function hot')
    const rewritten = bindEagerly(code, (start: number) => start === hot)
    expect(rewritten).toBe(
      `var hot=(function(){${LONG}});function short(){}function outer(){function inner(){${LONG}}}`,
    )
  })

  test('a bundle of which nothing is called is an error: the runs no longer reach it', () => {
    expect(() => bindEagerly(`function f(){${LONG}}`, () => false)).toThrow('no function of the bundle is called')
  })
})
