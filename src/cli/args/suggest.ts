/** The candidate that a slip of the hand most likely meant; undefined where none is near. */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, distance: distance(word, candidate) }))
  ranked.sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 4)) ? best.candidate : undefined
}

/** How many letters are to be changed, added or left out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = [...b].map((_, index) => index + 1)
  ;[...a].forEach((letter, line) => {
    let diagonal = line
    let left = line + 1
    row = [...b].map((other, column) => {
      const above = row[column] ?? 0
      const here = Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1))
      diagonal = above
      left = here
      return here
    })
  })
  return row.at(-1) ?? a.length
}
