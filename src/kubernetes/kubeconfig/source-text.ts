import type { Layout } from './render.ts'
import { itemsOf, type SourceDocument, type SourceItem } from './source.ts'

/** The lines of a YAML text: where they start, and how they are indented. */
export class SourceText {
  readonly text: string
  readonly lineBreak: string
  /** Indentation of one level in flow collections. */
  readonly flowUnit: string

  constructor({ text, root }: Pick<SourceDocument, 'text' | 'root'>) {
    this.text = text
    this.lineBreak = lineBreakOf(text)
    const first = itemsOf(root)[0]
    this.flowUnit = (first && this.indentOf(first.start)) || '  '
  }

  layout(indent: string): Layout {
    return { indent, lineBreak: this.lineBreak }
  }

  lineStart(offset: number): number {
    const start = this.text.lastIndexOf('\n', offset - 1) + 1
    return start === 0 && this.text.startsWith('\ufeff') ? 1 : start
  }

  /** The start of the next line; `offset` itself at the start of a line, after a block scalar. */
  nextLine(offset: number): number {
    if (this.endsLine(offset)) return offset
    const end = this.text.indexOf('\n', offset)
    return end < 0 ? this.text.length : end + 1
  }

  /** Whether a line break is before the offset. */
  endsLine(offset: number): boolean {
    return offset > 0 && this.text[offset - 1] === '\n'
  }

  /** The white space before the first character of a line; undefined: something else is before it. */
  indentOf(offset: number): string | undefined {
    const prefix = this.text.slice(this.lineStart(offset), offset)
    return /^[ \t]*$/.test(prefix) ? prefix : undefined
  }

  /** The indentation of what is on the line of an offset, after the `- ` of lists. */
  contentIndent(offset: number): string {
    const [prefix = ''] = /^[ \t]*(?:- +)*/.exec(this.text.slice(this.lineStart(offset), offset)) ?? []
    return prefix.replaceAll('-', ' ')
  }

  columnOf(item: SourceItem | undefined): string {
    return item ? ' '.repeat(item.start - this.lineStart(item.start)) : ''
  }
}

/** The line break of most lines. */
export function lineBreakOf(text: string): string {
  if (!text.includes('\r')) return '\n'
  const lines = text.split('\n').slice(0, -1)
  return lines.filter((line) => line.endsWith('\r')).length * 2 > lines.length ? '\r\n' : '\n'
}
