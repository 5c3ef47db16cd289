/**
 * The one form of a time in messages and reports: local time with its zone, and how far it is from now, e.g.
 * `2026-01-02 03:04:05 UTC (in 14 minutes 3 seconds)`, `2026-01-02 04:04:05 +01:00 (2 days 4 hours ago)`.
 */
export function formatTime(time: Date, now: Date): string {
  const seconds = Math.round((time.getTime() - now.getTime()) / 1000)
  const distance = formatDuration(seconds)
  return `${formatClock(time)} (${seconds === 0 ? 'now' : seconds > 0 ? `in ${distance}` : `${distance} ago`})`
}

/** Local time with its zone, for the current time. */
export function formatClock(time: Date): string {
  const offset = -time.getTimezoneOffset()
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map(twoDigits)
  return `${local} ${offset === 0 ? 'UTC' : `${offset < 0 ? '-' : '+'}${hours}:${minutes}`}`
}

/** At most two units, without a sign: `14 minutes 3 seconds`, `2 days 4 hours`. */
export function formatDuration(seconds: number): string {
  let rest = Math.round(Math.abs(seconds))
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ') || '0 seconds'
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
