/** A longer word is not a mistyped name; it may be anything, a token included. */
const MAX_LENGTH = 40

/**
 * The candidate that was most likely meant by a mistyped word; undefined where none is similar. Case, and `-` instead of
 * `_`, make no difference; a candidate that contains the word, or is contained in it, counts as similar,
 * but less than one that is a single error away.
 */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined
  const best = rank(word, candidates)[0]
  if (!best || (!best.isPart && best.distance > Math.max(1, Math.floor(best.candidate.length / 3)))) return undefined
  // A name in which every character differs is not a mistyped one.
  return best.distance < Math.max(word.length, best.candidate.length) ? best.candidate : undefined
}

function rank(word: string, candidates: readonly string[]) {
  const text = normalize(word)
  return candidates
    .map((candidate) => {
      const other = normalize(candidate)
      const isPart = text.length >= 3 && other.length >= 3 && (other.includes(text) || text.includes(other))
      return { candidate, isPart, distance: editDistance(text, other) }
    })
    .sort((a, b) => likeness(b) - likeness(a) || a.distance - b.distance)
}

function likeness({ isPart, distance }: { readonly isPart: boolean; readonly distance: number }): number {
  return distance <= 1 ? 2 : Number(isPart)
}

/**
 * The command that was most likely meant: by its whole name or a part of it (`tokn` is `get-token`), with up to half of the
 * characters wrong.
 */
export function closestCommand(word: string, commands: readonly string[]): string | undefined {
  const match = closestMatch(word, commands)
  if (match !== undefined || word.length > MAX_LENGTH) return match
  const text = normalize(word)
  const ranked = commands
    .map((command) => {
      const names = [command, ...command.split('-')]
      return { command, share: Math.min(...names.map((name) => editDistance(text, name) / name.length)) }
    })
    .sort((a, b) => a.share - b.share)
  const best = ranked[0]
  return best && best.share <= 0.5 ? best.command : undefined
}

/** Options of aws-iam-authenticator, kubectl and others that users write by habit. */
const SHORT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '-i': ['--cluster-name', '--cluster-id'],
  '-n': ['--cluster-name', '--name'],
  '-r': ['--role-arn', '--region'],
  '-p': ['--profile'],
  '-o': ['--output'],
  '-v': ['--version', '--verbose'],
  '-V': ['--version'],
}

/**
 * The option that was most likely meant by a mistyped one, also without its hyphens.
 *
 * @param word - may have a value after `=`
 * @param options - with their hyphens
 */
export function closestOption(word: string, options: readonly string[]): string | undefined {
  const [name = ''] = word.split('=')
  const habit = SHORT_OPTIONS[name]?.find((option) => options.includes(option))
  if (habit !== undefined) return habit
  // Of several that are abbreviated like this, the first is the most usual.
  const whole = name.length >= 5 ? options.find((option) => option.startsWith(name)) : undefined
  if (whole !== undefined) return whole
  const match = closestMatch(
    name.replace(/^-+/, ''),
    options.map((option) => option.replace(/^-+/, '')),
  )
  return match && `--${match}`
}

/** The candidate that differs from a word by a typing error only. */
export function closestTypo(word: string, candidates: readonly string[]): string | undefined {
  const match = closestMatch(word, candidates)
  return match !== undefined && Math.abs(match.length - word.length) <= 2 ? match : undefined
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

/** How many characters have to be changed, added, removed or swapped with the next one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let distance = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1)
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? a.length
}
