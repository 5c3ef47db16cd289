/** A longer word is not a mistyped name; it may be anything, a token included. */
const MAX_LENGTH = 40

/** The candidate that was most likely meant by a mistyped word; undefined where none is similar. */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined
  const ranked = candidates.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
  ranked.sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 4)) ? best.candidate : undefined
}

/** The hint for a mistyped option, as options of an error; empty where no option is similar. */
export function didYouMean(option: string, candidates: readonly string[]): { remedy: string } | Record<string, never> {
  const name = option.split('=')[0] ?? ''
  const match = name.startsWith('--') ? closestMatch(name, candidates) : undefined
  return match === undefined ? {} : { remedy: `did you mean ${match}?` }
}

/** How many characters have to be changed, added or removed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = [...b].map((_, index) => index + 1)
  ;[...a].forEach((character, line) => {
    let diagonal = line
    let left = line + 1
    row = [...b].map((other, column) => {
      const above = row[column] ?? 0
      const here = Math.min(above + 1, left + 1, diagonal + (character === other ? 0 : 1))
      diagonal = above
      left = here
      return here
    })
  })
  return row.at(-1) ?? a.length
}
