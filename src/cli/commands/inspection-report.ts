import type { Inspection } from '../../token/verify/inspection.ts'
import type { RuleResult } from '../../token/verify/rules.ts'
import type { OutputValue } from '../output/index.ts'
import { row, type Status, statusRow, type TextStyle } from '../style.ts'
import { formatDuration, formatTimestamp } from '../time-format.ts'

/** What is known of a token, name and value side by side. */
export function renderSummary(inspection: Inspection, style: TextStyle): string {
  const { accessKeyId, keyKind, sts, signedAt, validUntil, ageSeconds, secondsLeft, sessionTokenBytes } = inspection
  const facts: [string, string][] = [
    ['access key', accessKeyId === undefined ? 'none can be read' : `${accessKeyId} (${keyKind})`],
    ['region', sts ? `${sts.region} (partition ${sts.partition})` : 'no host of STS can be read'],
    ...(sts ? [['STS host', `${sts.host} (${sts.kind})`] as [string, string]] : []),
    ['signed at', signedAt ? formatTimestamp(signedAt) : 'no date can be read'],
    ['valid until', validUntil ? formatTimestamp(validUntil) : 'no date can be read'],
    ...(secondsLeft === undefined ? [] : [['', left(secondsLeft)] as [string, string]]),
    [
      'age',
      ageSeconds === undefined ? 'unknown' : `${age(ageSeconds)}, of ${formatDuration(inspection.maxAgeSeconds)}`,
    ],
    ['signed headers', inspection.signedHeaders.join(', ') || 'none'],
    ['session token', sessionTokenBytes > 0 ? `${sessionTokenBytes} bytes` : 'none'],
    ['size', `${inspection.bytes} of ${inspection.maxBytes} bytes`],
  ]
  return facts.map(([name, value]) => row(name, value, 14, style)).join('')
}

const MARKS: Record<RuleResult['status'], readonly [Status, string]> = {
  pass: ['ok', 'ok'],
  fail: ['fail', 'FAIL'],
  skipped: ['none', '-'],
}

export function renderChecks(rules: readonly RuleResult[], style: TextStyle): string {
  const rows = (of: RuleResult['enforcedBy'], heading: string): string => {
    const lines = rules
      .filter((rule) => rule.enforcedBy === of)
      .map(({ id, status, finding }) => {
        const [mark, word] = MARKS[status]
        return statusRow(mark, word, id, finding, 14, style)
      })
    return `  ${style.dim(heading)}\n${lines.join('')}`
  }
  return `${rows('server', 'of the API server, in its order')}\n${rows('STS', 'of STS, as far as they can be seen from here')}`
}

/** For programs: names as in the AWS CLI's answers, times in UTC, whole seconds. */
export function toInspectionJson(inspection: Inspection): { [key: string]: OutputValue } {
  const { sts, signedAt, validUntil, ageSeconds, secondsLeft } = inspection
  return {
    accessKeyId: inspection.accessKeyId ?? null,
    keyKind: inspection.keyKind ?? null,
    region: sts?.region ?? null,
    stsHost: sts?.host ?? null,
    stsHostKind: sts?.kind ?? null,
    partition: sts?.partition ?? null,
    signedAt: signedAt ? utc(signedAt) : null,
    validUntil: validUntil ? utc(validUntil) : null,
    ageSeconds: ageSeconds === undefined ? null : BigInt(ageSeconds),
    secondsLeft: secondsLeft === undefined ? null : BigInt(secondsLeft),
    maxAgeSeconds: BigInt(inspection.maxAgeSeconds),
    signedHeaders: inspection.signedHeaders,
    sessionTokenBytes: BigInt(inspection.sessionTokenBytes),
    bytes: BigInt(inspection.bytes),
    maxBytes: BigInt(inspection.maxBytes),
    passes: inspection.passes,
    // The names of the first version, which programs read.
    rules: inspection.rules.map(({ id, enforcedBy, status, finding }) => ({
      id,
      of: enforcedBy,
      status: status === 'skipped' ? 'none' : status,
      finding,
    })),
  }
}

function utc(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

function age(seconds: number): string {
  return seconds < 0 ? `${formatDuration(seconds)} before it was signed` : formatDuration(seconds)
}

function left(seconds: number): string {
  if (seconds > 0) return `for ${formatDuration(seconds)} from now`
  return seconds === 0 ? 'ends now' : `ended ${formatDuration(seconds)} ago`
}
