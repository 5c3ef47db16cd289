/** Chooses one of so many possibilities; 0 is the simplest. */
export type Choose = (count: number) => number

/** Plain data as YAML in random styles, with comments and anchors at random places. */
export function printYaml(value: object, choose: Choose): string {
  return new Printer(choose).document(value)
}

class Printer {
  readonly #choose: Choose
  /** Values that have an anchor, by their JSON. */
  readonly #anchors = new Map<string, string>()
  #comments = 0

  constructor(choose: Choose) {
    this.#choose = choose
  }

  document(value: object): string {
    const style = this.#choose(8)
    const lines =
      style === 6
        ? [JSON.stringify(value)]
        : style === 7
          ? JSON.stringify(value, null, this.#pick(2, 4)).split('\n')
          : this.#block(value)
    const head = this.#pick([], [], ['---'], ['# head'], ['%YAML 1.1', '---'], ['', '# head', '---', '# first'])
    const tail = this.#pick([], [], [''], ['# tail'], ['', '  # tail', ''])
    const text = [...head, ...lines, ...tail].join(this.#pick('\n', '\n', '\r\n'))
    return `${this.#pick('', '', '', '\ufeff')}${text}${this.#pick('\n', '\n', '')}`
  }

  #pick<T>(...choices: readonly T[]): T {
    return choices[this.#choose(choices.length)] as T
  }

  /** A comment at the end of a line. */
  #note(): string {
    return this.#pick('', '', '', '', '  ', ` # note ${++this.#comments}`, '   # a: [b', ' # "x')
  }

  /** Lines between two items. */
  #between(indent: string): string[] {
    return this.#pick(
      [],
      [],
      [],
      [],
      [''],
      [`${indent}# between ${++this.#comments}`],
      [`  # other ${++this.#comments}`],
    )
  }

  /** The lines of a map or a list in block style, without indentation. */
  #block(value: object): string[] {
    const items = Array.isArray(value)
      ? value.map((item) => this.#item(item))
      : Object.entries(value).map(([key, item]) => this.#pair(key, item))
    return items.flatMap((lines, index) => (index === 0 ? lines : [...this.#between(''), ...lines]))
  }

  #pair(key: string, value: unknown): string[] {
    const name = this.#pick(key, key, key, `"${key}"`, `'${key}'`)
    return this.#withValue(`${name}:`, value, Array.isArray(value) ? this.#pick('', '  ') : this.#pick('  ', '    '))
  }

  #item(value: unknown): string[] {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    if (!isMap || this.#choose(6) > 3) return this.#withValue('-', value, '  ')
    const gap = this.#pick('  ', '  ', '    ')
    const [first = '', ...rest] = this.#block(value)
    return [`-${gap.slice(1)}${first}`, ...rest.map((line) => indented(line, gap))]
  }

  /** The value after a `key:` or a `-`. */
  #withValue(before: string, value: unknown, indent: string): string[] {
    const json = JSON.stringify(value)
    const known = this.#anchors.get(json)
    if (known !== undefined && this.#choose(3) === 2) return [`${before} *${known}${this.#note()}`]
    const anchor = this.#choose(12) === 11 ? this.#anchor(json) : ''
    if (typeof value === 'string') return this.#text(`${before}${anchor}`, value, indent)
    if (typeof value !== 'object' || value === null) {
      return [`${before}${anchor} ${value === null ? this.#pick('null', '~') : json}${this.#note()}`]
    }
    if (Object.keys(value).length === 0) {
      const empty = Array.isArray(value) ? this.#pick('[]', '[]', '[ ]') : this.#pick('{}', '{}', '{ }')
      return [`${before}${anchor} ${empty}${this.#note()}`]
    }
    const style = this.#choose(10)
    if (style === 8) return [`${before}${anchor} ${this.#flow(value)}${this.#note()}`]
    if (style === 9) {
      const [first = '', ...rest] = JSON.stringify(value, null, this.#pick(2, 4)).split('\n')
      return [`${before}${anchor} ${first}`, ...rest.map((line) => `${indent || '  '}${line}`)]
    }
    // An anchor of a list at the indentation of its key would be read as one of the key.
    return [`${before}${anchor}${this.#note()}`, ...this.#block(value).map((line) => indented(line, indent))]
  }

  #anchor(json: string): string {
    const name = `a${this.#anchors.size}`
    this.#anchors.set(json, name)
    return ` &${name}`
  }

  #text(before: string, value: string, indent: string): string[] {
    const isPlain =
      /^(?:--?)?[a-z/][\w./:-]*\w$/i.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)
    const double = JSON.stringify(value)
    const single = /^[\x20-\x7e]*$/.test(value) ? `'${value.replaceAll("'", "''")}'` : double
    const style = this.#choose(9)
    if (style === 8 && /^\w[\w ]*$/.test(value)) {
      return [`${before} ${this.#pick('|-', '>-')}${this.#note()}`, `${indent || '  '}${value}`]
    }
    const tag = style === 7 ? ' !!str' : ''
    const text = isPlain && style < 4 ? value : this.#pick(double, single)
    return [`${before}${tag} ${text}${this.#note()}`]
  }

  /** One line. */
  #flow(value: unknown): string {
    if (typeof value === 'string') return this.#pick(JSON.stringify(value), JSON.stringify(value), quotedSingle(value))
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const space = this.#pick('', ' ')
    const comma = this.#pick('', '', ',')
    const parts = Array.isArray(value)
      ? value.map((item) => this.#flow(item))
      : Object.entries(value).map(([key, item]) => `${this.#pick(key, JSON.stringify(key))}: ${this.#flow(item)}`)
    const [open, close] = Array.isArray(value) ? '[]' : '{}'
    return parts.length === 0 ? `${open}${close}` : `${open}${space}${parts.join(', ')}${comma}${space}${close}`
  }
}

function indented(line: string, indent: string): string {
  return line === '' ? '' : `${indent}${line}`
}

function quotedSingle(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text)
}
