import { expect, test } from 'vitest'
import { wrapText } from '../../src/cli/style.ts'
import { formatDuration } from '../../src/cli/time-format.ts'

test.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [59.6, '1 minute'],
  [61, '1 minute 1 second'],
  [900, '15 minutes'],
  [3600, '1 hour'],
  [3661, '1 hour 1 minute'],
  [3601, '1 hour'],
  [90_000, '1 day 1 hour'],
  [-120, '2 minutes'],
])('%d s: %s', (seconds, words) => expect(formatDuration(seconds)).toBe(words))

test.each([
  ['', 10, ['']],
  ['a b', 10, ['a b']],
  ['aaaa bbbb cccc', 9, ['aaaa bbbb', 'cccc']],
  ['aaaaaaaaaaaa b', 5, ['aaaaaaaaaaaa', 'b']],
  ['a\nb', 10, ['a', 'b']],
  ['- aaaa bbbb', 7, ['- aaaa', '  bbbb']],
])('%j in %i columns', (text, width, lines) => expect(wrapText(text, width)).toEqual(lines))
