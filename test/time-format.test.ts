import { afterEach, describe, expect, test } from 'vitest'
import { formatClock, formatDuration, formatTime } from '../src/time-format.ts'

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

describe('a time is local, with its zone and the distance from now', () => {
  const NOW = new Date('2026-01-02T03:04:05Z')
  const zone = process.env.TZ
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })
  test.each([
    ['UTC', 0, '2026-01-02 03:04:05 UTC (now)'],
    ['UTC', 843, '2026-01-02 03:18:08 UTC (in 14 minutes 3 seconds)'],
    ['UTC', -187_200, '2025-12-30 23:04:05 UTC (2 days 4 hours ago)'],
    ['Europe/Berlin', 60, '2026-01-02 04:05:05 +01:00 (in 1 minute)'],
    ['America/St_Johns', -1, '2026-01-01 23:34:04 -03:30 (1 second ago)'],
    ['Asia/Kathmandu', 0.4, '2026-01-02 08:49:05 +05:45 (now)'],
  ])('%s, %d s from now', (TZ, seconds, text) => {
    process.env.TZ = TZ
    expect(formatTime(new Date(NOW.getTime() + seconds * 1000), NOW)).toBe(text)
  })
  test('the current time has no distance', () => {
    process.env.TZ = 'UTC'
    expect(formatClock(NOW)).toBe('2026-01-02 03:04:05 UTC')
  })
})
