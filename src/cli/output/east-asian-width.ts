/**
 * The characters that the AWS CLI counts as two columns: East_Asian_Width W, F and A of Unicode 15.1, as Python
 * 3.13 knows them. Each word is hexadecimal: how far after the last range the next one begins, and how many more
 * characters it has. Made with `unicodedata.east_asian_width(c) in 'WFA'`.
 * https://www.unicode.org/Public/15.1.0/ucd/EastAsianWidth.txt
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/table.py
 */
const TWO_COLUMNS = `
a1 3 3,1 2 3,1 2,4 2,4 2,3 7 a 7,1 6,3 5 2,2 2,1 3 2,1 4,3 2 2 3 10 2 8 b,1 4 6,2 5 7,3 2 4,3 2 5,1 13,1 4 63 2
2 2 2 2 2 2 75 10 63 3 2,2 2 3 8,3 2 2 21,6f 22,10 2,6 8,10 2,6 38 f,3f 2 caf,5f eb1 3,3 2,1 3,1 3,2 2,3 9 2,1 2
6 3 36 b 2,3 28 57 2 4 a 3 b,1 4 5 28,1 7,3 2,b 5,9 10 7,9 1f,1 19 2 13 19 2,1 4,1 3 4 2 4 5 3,3 3 2 2,5 2 6,3
5,1 b 4 6 e,1 3,3 3,1 3,1 13,1 3,1 e 4 c 1a 53 8,1 e,1 bf,3 4 3 6d,89 2,60 5,23 d,f 3,3 b,1 2,6 9,1 3,1 5,1 3,1
5,2 3 3,3 11,3 a e,1 7,1 3 5,1 5,1 7 2 22 2 6,b d,1 2,2 2,3 2,1 2 10 14 b,1 2 9,1 12,2 5,1d 2 5,17 6 5,1 1d 15 f
2 5,2 2 1f,9 16,2 19 f 35c,1 34 5,4 327,19 2,58 d,d5 1b,4e 3,55 3,66 6,2a 2,5d 2,53 c,2f 2,1b9f 41,568c 4,36
49a,1c 284,2ba3 85d,1aff 301,19 17,22 2,12 2,3 96,5f 80,6 17 6fe3,4 c,1 f,17f7 9,4d5 2b,8 22e8,3 2,6 2,1 2,122
10 1e,2 3 f,3 9,18b 3d09 cb 31,a 6,1d 3,39 7,3c 54,2 e,2b 5,8 8,1 f,5 9b,20 d,8 2,45 2,15 d,2a 5,4 d,10 4 4,46 2
2,ba 3,3e e,3 2,17 13 1b,1 e 57,54 31,45 7 4,2 3,2 5,3 c,1 8,8 e4,b 5 11c,2e 2,9 2,b8 71,c 4,8 8,2d 2,6 9,d 5,8
8,8 508,fffd 3,fffd a0103,ef fe11,fffd 3,fffd
`

const RANGES = TWO_COLUMNS.trim()
  .split(/\s+/)
  .reduce<{ first: number; last: number }[]>((ranges, word) => {
    const [gap = 0, more = 0] = word.split(',').map((digits) => Number.parseInt(digits, 16))
    const first = (ranges.at(-1)?.last ?? 0) + gap
    ranges.push({ first, last: first + more })
    return ranges
  }, [])

/** The width of a text in terminal columns, as counted by the AWS CLI. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  return width
}

function isWide(codePoint: number): boolean {
  // Nothing below U+00A1 is, and most text lies there.
  if (codePoint < 0xa1) return false
  return RANGES.some(({ first, last }) => first <= codePoint && codePoint <= last)
}
