/** A range of a text, and the text that replaces it. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** @param edits - in order and without overlap */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let position = 0
  const parts: string[] = []
  for (const { from, to, text: replacement } of edits) {
    parts.push(text.slice(position, from), replacement)
    position = to
  }
  return [...parts, text.slice(position)].join('')
}
