import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { bindEagerly } from '../../build/eager-functions.mjs'

const everything = () => true

/** @returns the code with every function in parentheses, and what its last line evaluates to then */
function bound(code: string): { code: string; result: unknown } {
  const rewritten = bindEagerly(code, everything)
  return { code: rewritten, result: runInNewContext(rewritten) }
}

describe('functions that a run calls are bound at the top of the bundle', () => {
  test.each([
    ['called before its place in the file', `f(2);function f(a){return a*2}f(3)`, 6],
    ['recursive', `function f(n){return n?n*f(n-1):1}f(5)`, 120],
    ['two that call each other', `function a(n){return n?b(n-1):'a'}function b(n){return n?a(n-1):'b'}a(3)`, 'b'],
    ['a constructor', `function C(a){this.a=a}C.prototype.twice=function(){return this.a*2};new C(4).twice()`, 8],
    ['a generator', `function*g(){yield 1;yield 2}[...g()].join()`, '1,2'],
    ['default values and arguments', `function f(a=1,{b}={b:2}){return a+b+arguments.length}f(5)`, 8],
    ['its own name', `function f(){}f.name`, 'f'],
  ])('%s', (_title, code, expected) => {
    const { code: rewritten, result } = bound(code)
    expect(result).toBe(expected)
    expect(rewritten).toMatch(/^var \w=\(function/)
  })

  test('an async function stays one', async () => {
    const { code, result } = bound(`async function f(a){return await a}f(7)`)
    expect(await result).toBe(7)
    expect(code).toMatch(/^var f=\(async function\(/)
  })

  test('directives stay first', () => {
    expect(bound(`"use strict";function f(){return this}f()`)).toEqual({
      code: `"use strict";var f=(function(){return this});f()`,
      result: undefined,
    })
  })

  test('a function that is not called stays as it is', () => {
    const code = 'function hot(){}function cold(){function inner(){}return()=>1}'
    const rewritten = bindEagerly(code, (start: number) => start === 0)
    expect(rewritten).toBe('var hot=(function(){});function cold(){function inner(){}return()=>1}')
  })

  test.each([
    [
      'a declaration in a function comes first there, after the directives',
      'const f=function(){"use strict";return g();function g(){return this}};String(f())',
      'const f=(function(){"use strict";var g=(function(){return this});return g();});String(f())',
    ],
    ['an expression', 'var f=function(a){return a};f(1)', 'var f=(function(a){return a});f(1)'],
    ['an argument', '[1,2].map(function(a){return a})', '[1,2].map((function(a){return a}))'],
    ['in parentheses already', '(function(){return 1})()', '(function(){return 1})()'],
    ['an arrow function', '[1,2].map(a=>a*2)', '[1,2].map((function(a){return a*2}))'],
    [
      'its parameters',
      '[[1,2]].map(([a,b=3],{c}={c:4})=>a+b)',
      '[[1,2]].map((function([a,b=3],{c}={c:4}){return a+b}))',
    ],
    ['no parameters, and a block', '(()=>{return 1})()', '((function(){return 1}))()'],
    ['an object', '[1].map(a=>({a}))', '[1].map((function(a){return ({a})}))'],
    [
      'functions in functions',
      '[1].map(a=>[2].map(b=>{return c(a,b);function c(d,e){return d+e}}))',
      '[1].map((function(a){return [2].map((function(b){var c=(function(d,e){return d+e});return c(a,b);}))}))',
    ],
    ['in a default value', '((f=a=>a+1)=>f(1))()', '((function(f=(function(a){return a+1})){return f(1)}))()'],
    [
      '`this` and `arguments` of the function around an arrow function',
      '(function(){return[()=>this.a,()=>[arguments[0]],(b=this)=>b,()=>()=>this]}).call({a:1},2).length',
      '(function(){return[()=>this.a,()=>[arguments[0]],(b=this)=>b,()=>()=>this]}).call({a:1},2).length',
    ],
    [
      '`this` of a function inside an arrow function',
      '(a=>function(){return this.a+a}.call({a:1}))(2)',
      '((function(a){return (function(){return this.a+a}).call({a:1})}))(2)',
    ],
    [
      'methods and accessors',
      'class A{#x=1;constructor(){this.a=1}b(){return this.#x}static c(){return 2}get d(){return 3}}({e(){return new A().b()},get f(){return 5}}).e()',
      'class A{#x=1;constructor(){this.a=1}b(){return this.#x}static c(){return 2}get d(){return 3}}({e(){return new A().b()},get f(){return 5}}).e()',
    ],
  ])('%s', (_title, code, expected) => {
    const rewritten = bindEagerly(`function first(){}${code}`, everything)
    expect(rewritten).toBe(`var first=(function(){});${expected}`)
    expect(runInNewContext(rewritten)).toEqual(runInNewContext(code))
  })

  test('an async arrow function', async () => {
    const { code, result } = bound('(async a=>await a+1)(2)')
    expect(code).toBe('((async function(a){return await a+1}))(2)')
    expect(await result).toBe(3)
  })

  test('a bundle of which nothing is called is an error: the runs no longer reach it', () => {
    expect(() => bindEagerly(`function f(){}`, () => false)).toThrow('no function of the bundle is called')
  })
})
