import type { Value } from './values.ts'

const SPACE = /[ \t\n\r]*/y
const STRING = /"(?:\\.|[^"\\])*"/sy
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y
const WORD = /true|false|null|NaN|-?Infinity/y
const WORDS: Readonly<Record<string, Value>> = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/**
 * JSON as Python parses it: integers of any size, floats distinct from them, NaN and Infinity, and keys in their
 * order. Undefined where the text is not JSON.
 * https://docs.python.org/3/library/json.html#json.loads
 */
export function parseJson(text: string): Value | undefined {
  let index = 0

  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = index
    const found = pattern.exec(text)
    if (found === null) return undefined
    index = pattern.lastIndex
    return found
  }

  function takeSign(sign: string): boolean {
    take(SPACE)
    if (text[index] !== sign) return false
    index++
    take(SPACE)
    return true
  }

  function readValue(): Value | undefined {
    if (takeSign('[')) return readList()
    if (takeSign('{')) return readObject()
    const word = take(WORD)
    if (word !== undefined) return WORDS[word[0]]
    const number = take(NUMBER)
    if (number === undefined) return readString()
    return number[1] === undefined && number[2] === undefined ? BigInt(number[0]) : Number(number[0])
  }

  function readString(): string | undefined {
    try {
      return JSON.parse(take(STRING)?.[0] ?? '') as string
    } catch {
      return undefined
    }
  }

  function readList(): Value[] | undefined {
    const list: Value[] = []
    if (takeSign(']')) return list
    do {
      const item = readValue()
      if (item === undefined) return undefined
      list.push(item)
    } while (takeSign(','))
    return takeSign(']') ? list : undefined
  }

  function readObject(): Map<string, Value> | undefined {
    const object = new Map<string, Value>()
    if (takeSign('}')) return object
    do {
      const key = readString()
      const value = key !== undefined && takeSign(':') ? readValue() : undefined
      if (key === undefined || value === undefined) return undefined
      object.set(key, value)
    } while (takeSign(','))
    return takeSign('}') ? object : undefined
  }

  const value = readValue()
  take(SPACE)
  return index === text.length ? value : undefined
}
