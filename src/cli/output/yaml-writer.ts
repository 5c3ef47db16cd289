import { isBreak, type ScalarStyle, UNPRINTABLE } from './yaml-scalar.ts'

/** Text longer than this is broken at a space, where there is one. libyaml's own number. */
const BEST_WIDTH = 80

/**
 * Writes the pieces of a YAML document and knows what libyaml's emitter knows between them: the column, and
 * whether all that stands on the line so far is space, or marks that open a node.
 * https://github.com/yaml/libyaml/blob/0.2.5/src/emitter.c
 */
export class YamlWriter {
  #text = ''
  #column = 0
  #afterSpace = true
  #isOpening = true
  #indent = -1

  get text(): string {
    return this.#text
  }

  /** Only marks such as `- ` stand on this line so far. */
  get isOpening(): boolean {
    return this.#isOpening
  }

  /** `write` with the indent of a collection: two columns more, or none in the outermost and where `flush`. */
  indented(flush: boolean, write: () => void): void {
    const outer = this.#indent
    this.#indent = outer < 0 ? 0 : outer + (flush ? 0 : 2)
    write()
    this.#indent = outer
  }

  newLine(): void {
    const indent = Math.max(this.#indent, 0)
    const isThere = this.#isOpening && (this.#column < indent || (this.#column === indent && this.#afterSpace))
    if (!isThere) this.#break('\n')
    this.#put(' '.repeat(Math.max(0, indent - this.#column)))
    this.#afterSpace = true
    this.#isOpening = true
  }

  /** `-`, `?`, or the `:` of a long key: the node itself may follow on the same line. */
  opening(mark: string): void {
    const isOpening = this.#isOpening
    this.word(mark)
    this.#isOpening = isOpening
  }

  /** Set off with a space. */
  word(text: string): void {
    if (!this.#afterSpace) this.#put(' ')
    this.suffix(text)
  }

  suffix(text: string): void {
    this.#put(text)
    this.#afterSpace = false
    this.#isOpening = false
  }

  /** A key is never broken over lines. */
  scalar(text: string, style: ScalarStyle, isKey: boolean): void {
    this.indented(false, () => this.#scalar(text, style, isKey))
  }

  #scalar(text: string, style: ScalarStyle, isKey: boolean): void {
    if (style === 'plain') {
      this.word('')
      this.#folded(text, isKey, (character) => character)
      this.suffix('')
    } else if (style === 'single') {
      this.word("'")
      this.#folded(text, isKey, (character) => (character === "'" ? "''" : character))
      this.suffix("'")
    } else {
      this.word('"')
      this.#escaped(text, isKey)
      this.suffix('"')
    }
  }

  /** Plain or single quoted: a line break within is written twice, a fold stands for one space. */
  #folded(text: string, isKey: boolean, written: (character: string) => string): void {
    const characters = [...text]
    let afterSpace = false
    let afterBreak = false
    characters.forEach((character, index) => {
      if (character === ' ') {
        const isInner = index > 0 && index < characters.length - 1 && !afterSpace && characters[index + 1] !== ' '
        if (!isKey && isInner && this.#column > BEST_WIDTH) this.newLine()
        else this.#put(' ')
        afterSpace = true
      } else if (isBreak(character)) {
        if (!afterBreak && character === '\n') this.#break('\n')
        this.#break(character)
        this.#isOpening = true
        afterBreak = true
      } else {
        if (afterBreak) this.newLine()
        this.#put(written(character))
        this.#isOpening = false
        afterSpace = false
        afterBreak = false
      }
    })
    if (afterBreak) this.newLine()
  }

  #escaped(text: string, isKey: boolean): void {
    const characters = [...text]
    let afterSpace = false
    characters.forEach((character, index) => {
      const isInner = index > 0 && index < characters.length - 1 && !afterSpace
      if (character !== ' ') {
        this.#put(escaped(character))
      } else if (!isKey && isInner && this.#column > BEST_WIDTH) {
        this.newLine()
        // The spaces at the start of a line are not read, but for one behind a backslash.
        if (characters[index + 1] === ' ') this.#put('\\')
      } else {
        this.#put(' ')
      }
      afterSpace = character === ' '
    })
  }

  #put(text: string): void {
    this.#text += text
    this.#column += [...text].length
  }

  #break(character: string): void {
    this.#text += character
    this.#column = 0
  }
}

/** https://yaml.org/spec/1.2.2/#57-escaped-characters */
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escaped(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short !== undefined) return short
  if (!UNPRINTABLE.test(character)) return character
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
