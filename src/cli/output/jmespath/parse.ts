import { invalid } from './invalid.ts'
import { type Token, tokenize } from './tokens.ts'
import type { Value } from './values.ts'

export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>='

/** An expression as a tree. */
export type Node =
  | { kind: 'current' }
  | { kind: 'literal'; value: Value }
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'slice'; parts: (number | undefined)[] }
  /** Applied one after the other, each to the result of the one before. */
  | { kind: 'chain'; steps: Node[]; isIndexed: boolean }
  | { kind: 'flatten'; list: Node }
  /** `each` is applied to every item of a list or every value of an object; nulls are left out. */
  | { kind: 'project'; over: 'list' | 'values'; base: Node; condition: Node | undefined; each: Node }
  | { kind: 'list'; items: Node[] }
  | { kind: 'object'; members: [string, Node][] }
  | { kind: 'or' | 'and'; left: Node; right: Node }
  | { kind: 'not'; operand: Node }
  | { kind: 'compare'; by: Comparator; left: Node; right: Node }
  | { kind: 'call'; name: string; parameters: Node[] }
  | { kind: 'reference'; expression: Node }

const CURRENT: Node = { kind: 'current' }

/**
 * The binding power of a token to its left operand; 0 for those not listed. A token of at least 10 continues a projection,
 * others end it.
 * https://github.com/jmespath/jmespath.py/blob/1.0.1/jmespath/parser.py
 */
const POWER: Partial<Record<Token['kind'], number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '!': 45,
  '{': 50,
  '[': 55,
  '(': 60,
}
const ENDS_PROJECTION = 10

/**
 * Parses an expression as jmespath.py does, also where it accepts more than the grammar allows: `{a: b c: d}`,
 * `join(',' @)`.
 */
export function parse(expression: string): Node {
  const tokens = tokenize(expression)
  let position = 0

  function peek(ahead = 0): Token {
    return tokens[position + ahead] ?? { kind: 'end', start: expression.length }
  }

  function powerOf(token: Token): number {
    return POWER[token.kind] ?? 0
  }

  function unexpected(token: Token): Error {
    const problem = token.kind === 'end' ? 'unexpected end of the expression' : 'unexpected token'
    return invalid(expression, problem, token.start)
  }

  function next(): Token {
    const token = peek()
    position++
    return token
  }

  function expect(kind: Token['kind']): void {
    const token = next()
    if (token.kind !== kind) throw unexpected(token)
  }

  function accept(kind: Token['kind']): boolean {
    if (peek().kind !== kind) return false
    position++
    return true
  }

  function read(power: number): Node {
    let left = readFirst(next())
    while (power < powerOf(peek())) left = readMore(left, next())
    return left
  }

  function readFirst(token: Token): Node {
    switch (token.kind) {
      case 'literal':
        return { kind: 'literal', value: token.value }
      case 'name':
        return { kind: 'field', name: token.value }
      case 'quotedName':
        if (peek().kind === '(') throw invalid(expression, 'a function name cannot be quoted', token.start)
        return { kind: 'field', name: token.value }
      case '@':
        return CURRENT
      case '*':
        return project('values', CURRENT, peek().kind === ']' ? CURRENT : readEach(20))
      case '[?':
        return readFilter(CURRENT)
      case '[]':
        return project('list', { kind: 'flatten', list: CURRENT }, readEach(9))
      case '[':
        return readBracket()
      case '{':
        return readObject()
      case '(': {
        const inner = read(0)
        expect(')')
        return inner
      }
      case '!':
        return { kind: 'not', operand: read(45) }
      case '&':
        return { kind: 'reference', expression: read(0) }
      default:
        throw unexpected(token)
    }
  }

  function readMore(left: Node, token: Token): Node {
    switch (token.kind) {
      case '.':
        if (accept('*')) return project('values', left, readEach(40))
        return chain(left, readMember(40))
      case '|':
        return chain(left, read(1))
      case '||':
        return { kind: 'or', left, right: read(2) }
      case '&&':
        return { kind: 'and', left, right: read(3) }
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return { kind: 'compare', by: token.kind, left, right: read(5) }
      case '[]':
        return project('list', { kind: 'flatten', list: left }, readEach(9))
      case '[?':
        return readFilter(left)
      case '[': {
        if (isIndexAhead()) return indexed(left, readIndex())
        expect('*')
        expect(']')
        return project('list', left, readEach(20))
      }
      case '(':
        if (left.kind !== 'field') throw invalid(expression, 'only a function name can be followed by (', token.start)
        return { kind: 'call', name: left.name, parameters: readParameters() }
      default:
        throw unexpected(token)
    }
  }

  function isIndexAhead(): boolean {
    return peek().kind === 'number' || peek().kind === ':'
  }

  function readBracket(): Node {
    if (isIndexAhead()) return indexed(CURRENT, readIndex())
    if (peek().kind === '*' && peek(1).kind === ']') {
      position += 2
      return project('list', CURRENT, readEach(20))
    }
    return readList()
  }

  function readIndex(): Node {
    if (peek().kind === ':' || peek(1).kind === ':') return readSlice()
    const token = next()
    if (token.kind !== 'number') throw unexpected(token)
    expect(']')
    return { kind: 'index', index: token.value }
  }

  function readSlice(): Node {
    const parts: (number | undefined)[] = [undefined, undefined, undefined]
    let part = 0
    for (let token = next(); token.kind !== ']'; token = next()) {
      if (token.kind === 'number') parts[part] = token.value
      else if (token.kind === ':' && part < 2) part++
      else throw unexpected(token)
    }
    return { kind: 'slice', parts }
  }

  /** A slice is projected; but after another index jmespath.py leaves it a plain list: `a[0][1:]`. */
  function indexed(left: Node, right: Node): Node {
    // The sequence is still being built and not shared: copying it at each index would be quadratic.
    if (left.kind === 'chain' && left.isIndexed) {
      left.steps.push(right)
      return left
    }
    const node: Node = { kind: 'chain', steps: [left, right], isIndexed: true }
    return right.kind === 'slice' ? project('list', node, readEach(20)) : node
  }

  function readFilter(base: Node): Node {
    const condition = read(0)
    expect(']')
    return project('list', base, peek().kind === '[]' ? CURRENT : readEach(21), condition)
  }

  /** The expression that is applied to each item of a projection. */
  function readEach(power: number): Node {
    const token = peek()
    if (powerOf(token) < ENDS_PROJECTION) return CURRENT
    if (token.kind === '[' || token.kind === '[?') return read(power)
    expect('.')
    return readMember(power)
  }

  /** What may follow a dot. */
  function readMember(power: number): Node {
    switch (peek().kind) {
      case 'name':
      case 'quotedName':
      case '*':
        return read(power)
      case '[':
        position++
        return readList()
      case '{':
        position++
        return readObject()
      default:
        throw unexpected(peek())
    }
  }

  function readList(): Node {
    const items = [read(0)]
    while (!accept(']')) {
      expect(',')
      items.push(read(0))
    }
    return { kind: 'list', items }
  }

  function readObject(): Node {
    const members: [string, Node][] = []
    do {
      const key = next()
      if (key.kind !== 'name' && key.kind !== 'quotedName') throw unexpected(key)
      expect(':')
      members.push([key.value, read(0)])
    } while (accept(',') || !accept('}'))
    return { kind: 'object', members }
  }

  function readParameters(): Node[] {
    const parameters: Node[] = []
    while (!accept(')')) {
      parameters.push(read(0))
      accept(',')
    }
    return parameters
  }

  const node = read(0)
  if (peek().kind !== 'end') throw unexpected(peek())
  return node
}

function chain(...steps: Node[]): Node {
  return { kind: 'chain', steps, isIndexed: false }
}

function project(over: 'list' | 'values', base: Node, each: Node, condition?: Node): Node {
  return { kind: 'project', over, base, condition, each }
}
