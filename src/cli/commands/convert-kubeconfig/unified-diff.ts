import type { Edit } from '../../../kubernetes/kubeconfig/text-edit.ts'

const CONTEXT_LINES = 3

/** The edits of a text as a unified diff. https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html */
export function unifiedDiff(path: string, text: string, edits: readonly Edit[]): string {
  const starts = lineStarts(text)
  const lines = starts.map((start, index) => text.slice(start, starts[index + 1] ?? text.length))
  /** Replaced lines: from, to (exclusive), and what they become. */
  const changes: { from: number; to: number; edits: Edit[] }[] = []
  for (const edit of edits) {
    const from = lineAt(starts, edit.from)
    const to = Math.max(lineAt(starts, edit.to), from) + 1
    const last = changes.at(-1)
    if (last && from < last.to) {
      last.to = Math.max(last.to, to)
      last.edits.push(edit)
    } else changes.push({ from, to, edits: [edit] })
  }
  const hunks: (typeof changes)[] = []
  for (const change of changes) {
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
    for (const { from, to, edits: group } of hunk) {
      body.push(
        ...lines.slice(position, from).map((line) => ` ${line}`),
        ...lines.slice(from, to).map((line) => `-${line}`),
      )
      const after = splitLines(replaceIn(text, starts[from] ?? 0, starts[to] ?? text.length, group))
      body.push(...after.map((line) => `+${line}`))
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
