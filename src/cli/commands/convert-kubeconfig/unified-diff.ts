import type { Edit } from '../../../kubernetes/kubeconfig/text-edit.ts'

const CONTEXT_LINES = 3

/** Replaced lines, and what they become. */
interface Change {
  readonly from: number
  /** Exclusive; `from` for lines that are only inserted. */
  readonly to: number
  readonly after: readonly string[]
}

/** The edits of a text as a unified diff. https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html */
export function unifiedDiff(path: string, text: string, edits: readonly Edit[]): string {
  const starts = lineStarts(text)
  const lines = starts.map((start, index) => text.slice(start, starts[index + 1] ?? text.length))
  const hunks: Change[][] = []
  for (const change of changedLines(text, starts, lines, edits)) {
    const last = hunks.at(-1)
    if (last && change.from - (last.at(-1)?.to ?? 0) <= 2 * CONTEXT_LINES) last.push(change)
    else hunks.push([change])
  }
  let shift = 0
  const rendered = hunks.map((hunk) => {
    const first = Math.max((hunk[0]?.from ?? 0) - CONTEXT_LINES, 0)
    const end = Math.min((hunk.at(-1)?.to ?? 0) + CONTEXT_LINES, lines.length)
    const body: string[] = []
    let position = first
    let added = 0
    for (const { from, to, after } of hunk) {
      body.push(
        ...lines.slice(position, from).map((line) => ` ${line}`),
        ...lines.slice(from, to).map((line) => `-${line}`),
        ...after.map((line) => `+${line}`),
      )
      added += after.length - (to - from)
      position = to
    }
    body.push(...lines.slice(position, end).map((line) => ` ${line}`))
    const header = `@@ -${first + 1},${end - first} +${first + 1 + shift},${end - first + added} @@\n`
    shift += added
    return (
      header + body.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('')
    )
  })
  return `--- ${path}\n+++ ${path}\n${rendered.join('')}`
}

/** The lines that the edits change, without those that they touch only. */
function changedLines(
  text: string,
  starts: readonly number[],
  lines: readonly string[],
  edits: readonly Edit[],
): readonly Change[] {
  const changes: Change[] = []
  for (const { from, to, edits: group } of touchedLines(starts, edits)) {
    const after = splitLines(replaceIn(text, starts[from] ?? 0, starts[to] ?? text.length, group))
    const change = withoutEqualEnds({ from, to, after }, lines)
    const last = changes.at(-1)
    if (last?.to !== change.from) changes.push(change)
    // What one removes, the next may insert again.
    else changes[changes.length - 1] = withoutEqualEnds(join(last, change), lines)
  }
  return changes.filter(({ from, to, after }) => from < to || after.length > 0)
}

function join(first: Change, second: Change): Change {
  return { from: first.from, to: second.to, after: [...first.after, ...second.after] }
}

/** Edits of the same lines, together. */
function touchedLines(starts: readonly number[], edits: readonly Edit[]) {
  const touched: { from: number; to: number; edits: Edit[] }[] = []
  for (const edit of withoutGaps(edits)) {
    const from = lineAt(starts, edit.from)
    const to = lineAt(starts, edit.to) + (endsBeforeLine(edit, starts) ? 0 : 1)
    const last = touched.at(-1)
    if (last && from < last.to) {
      last.to = Math.max(last.to, to)
      last.edits.push(edit)
    } else touched.push({ from, to, edits: [edit] })
  }
  return touched
}

/** Edits that follow one another without text between them, as one. */
function withoutGaps(edits: readonly Edit[]): readonly Edit[] {
  const joined: Edit[] = []
  for (const edit of edits) {
    const last = joined.at(-1)
    if (last?.to !== edit.from) joined.push(edit)
    else joined[joined.length - 1] = { from: last.from, to: edit.to, text: last.text + edit.text }
  }
  return joined
}

/** Whether the line in which the edit ends stays as it is: the edit ends before its first character. */
function endsBeforeLine({ from, to, text }: Edit, starts: readonly number[]): boolean {
  const isStart = (offset: number): boolean => starts[lineAt(starts, offset)] === offset
  return isStart(to) && (text === '' ? isStart(from) : text.endsWith('\n'))
}

/** What is inserted before or after a line touches it, but does not change it. */
function withoutEqualEnds({ from, to, after }: Change, lines: readonly string[]): Change {
  const length = Math.min(to - from, after.length)
  let start = 0
  while (start < length && lines[from + start] === after[start]) start++
  let end = 0
  while (end < length - start && lines[to - 1 - end] === after[after.length - 1 - end]) end++
  return { from: from + start, to: to - end, after: after.slice(start, after.length - end) }
}

/** By binary search. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low
}

function replaceIn(text: string, from: number, to: number, edits: readonly Edit[]): string {
  let position = from
  let result = ''
  for (const edit of edits) {
    result += text.slice(position, edit.from) + edit.text
    position = edit.to
  }
  return result + text.slice(position, to)
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let index = text.indexOf('\n'); index >= 0 && index + 1 < text.length; index = text.indexOf('\n', index + 1)) {
    starts.push(index + 1)
  }
  return starts
}

function splitLines(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== '')
}
