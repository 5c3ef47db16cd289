import { expect, test } from 'vitest'
import { wrapText } from '../../src/cli/style.ts'
import { formatDuration, formatRemaining, formatTimestamp } from '../../src/cli/time-format.ts'

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
])('%d s are %s', (seconds, words) => expect(formatDuration(seconds)).toBe(words))

test.each([
  [61, '1 minute 1 second left'],
  [0, 'expired 0 seconds ago'],
  [-3600, 'expired 1 hour ago'],
])('%d s remaining: %s', (seconds, words) => expect(formatRemaining(seconds)).toBe(words))

test('a timestamp is in UTC, followed by the local time where it differs', () => {
  expect(formatTimestamp(new Date('2026-01-02T03:04:05Z'))).toMatch(
    /^2026-01-02 03:04:05 UTC( \(local \d\d:\d\d:\d\d [+-]\d\d:\d\d\))?$/,
  )
})

test.each([
  ['', 10, ['']],
  ['a b', 10, ['a b']],
  ['aaaa bbbb cccc', 9, ['aaaa bbbb', 'cccc']],
  ['aaaaaaaaaaaa b', 5, ['aaaaaaaaaaaa', 'b']],
  ['a\nb', 10, ['a', 'b']],
  ['- aaaa bbbb', 7, ['- aaaa', '  bbbb']],
])('%j is wrapped to %i columns', (text, width, lines) => expect(wrapText(text, width)).toEqual(lines))
