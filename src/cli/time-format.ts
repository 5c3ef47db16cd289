/** `2026-01-02 03:04:05 UTC`, followed by the local time where it differs. */
export function formatTimestamp(time: Date): string {
  const utc = `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const offset = -time.getTimezoneOffset()
  if (offset === 0) return utc
  const local = new Date(time.getTime() + offset * 60_000).toISOString()
  const sign = offset < 0 ? '-' : '+'
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map(twoDigits)
  return `${utc} (local ${local.slice(11, 19)} ${sign}${hours}:${minutes})`
}

/** At most two units, without a sign: `14 minutes 3 seconds`, `2 days 4 hours`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds))
  const parts: string[] = []
  let rest = whole
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ') || '0 seconds'
}

/** `14 minutes 3 seconds left`, `expired 2 days ago`. */
export function formatRemaining(seconds: number): string {
  return seconds > 0 ? `${formatDuration(seconds)} left` : `expired ${formatDuration(seconds)} ago`
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
