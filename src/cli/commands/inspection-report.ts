import { formatDuration, formatTime } from '../../time-format.ts'
import type { Inspection } from '../../token/verify/inspection.ts'
import type { RuleResult } from '../../token/verify/rule.ts'
import type { OutputValue } from '../output/index.ts'
import { row, type Status, statusRow, type TextStyle } from '../style.ts'

const NAME_WIDTH = 14
const UNKNOWN = 'unknown'

/** The contents of a token, as names and values. */
export function renderSummary(inspection: Inspection, style: TextStyle): string {
  const { accessKeyId, keyKind, sts, signedAt, sessionTokenBytes } = inspection
  const rows: [name: string, value: string][] = [
    ['access key', accessKeyId === undefined ? UNKNOWN : `${accessKeyId} (${keyKind})`],
    ['region', sts ? `${sts.region} (partition ${sts.partition})` : UNKNOWN],
    ['STS host', describeHost(inspection)],
    ['signed at', describeTime(signedAt, inspection) ?? UNKNOWN],
    ['valid until', describeValidity(inspection) ?? UNKNOWN],
    ['age', describeAge(inspection)],
    ['signed headers', inspection.signedHeaders.join(', ') || 'none'],
    ['session token', sessionTokenBytes > 0 ? `${sessionTokenBytes} bytes` : 'none'],
    ['size', `${inspection.bytes} bytes (maximum ${inspection.maxBytes})`],
  ]
  return rows.map(([name, value]) => row(name, value, NAME_WIDTH, style)).join('')
}

function describeHost({ sts, rules }: Inspection): string {
  if (sts) return `${sts.host} (${sts.kind})`
  const hasHost = rules.some(({ id, status }) => id === 'host' && status === 'fail')
  return hasHost ? 'not an STS endpoint' : UNKNOWN
}

/** When the token expires; undefined when its date is not readable. */
export function describeValidity(inspection: Inspection): string | undefined {
  return describeTime(inspection.validUntil, inspection)
}

function describeTime(time: Date | undefined, { signedAt, ageSeconds }: Inspection): string | undefined {
  if (!time || !signedAt || ageSeconds === undefined) return undefined
  return formatTime(time, new Date(signedAt.getTime() + ageSeconds * 1000))
}

function describeAge({ ageSeconds, maxAgeSeconds }: Inspection): string {
  if (ageSeconds === undefined) return UNKNOWN
  if (ageSeconds < 0) return `signed ${formatDuration(ageSeconds)} in the future`
  return `${formatDuration(ageSeconds)} (maximum ${formatDuration(maxAgeSeconds)})`
}

const STATUSES: Record<RuleResult['status'], readonly [Status, label: string]> = {
  pass: ['ok', 'ok'],
  fail: ['fail', 'FAIL'],
  skipped: ['none', '-'],
}

export function renderChecks(rules: readonly RuleResult[], style: TextStyle): string {
  const section = (heading: string, enforcedBy: RuleResult['enforcedBy']): string => {
    const rows = rules
      .filter((rule) => rule.enforcedBy === enforcedBy)
      .map(({ id, status: result, finding }) => {
        const [status, label] = STATUSES[result]
        return statusRow({ status, label, name: id, text: finding }, NAME_WIDTH, style)
      })
    return `  ${style.dim(heading)}\n${rows.join('')}`
  }
  const server = section('by the API server, in this order', 'server')
  return `${server}\n${section('by STS, only what can be checked offline', 'STS')}`
}

/** For programs: times in UTC, durations in whole seconds. */
export function toInspectionJson(inspection: Inspection): { [key: string]: OutputValue } {
  const { sts, signedAt, validUntil, ageSeconds, secondsLeft } = inspection
  return {
    accessKeyId: inspection.accessKeyId ?? null,
    keyKind: inspection.keyKind ?? null,
    region: sts?.region ?? null,
    stsHost: sts?.host ?? null,
    stsHostKind: sts?.kind ?? null,
    partition: sts?.partition ?? null,
    signedAt: signedAt ? formatUtc(signedAt) : null,
    validUntil: validUntil ? formatUtc(validUntil) : null,
    ageSeconds: ageSeconds === undefined ? null : BigInt(ageSeconds),
    secondsLeft: secondsLeft === undefined ? null : BigInt(secondsLeft),
    maxAgeSeconds: BigInt(inspection.maxAgeSeconds),
    signedHeaders: inspection.signedHeaders,
    sessionTokenBytes: BigInt(inspection.sessionTokenBytes),
    bytes: BigInt(inspection.bytes),
    maxBytes: BigInt(inspection.maxBytes),
    passes: inspection.passes,
    // `of` and `none` are a stable interface.
    rules: inspection.rules.map(({ id, enforcedBy, status, finding }) => ({
      id,
      of: enforcedBy,
      status: status === 'skipped' ? 'none' : status,
      finding,
    })),
  }
}

function formatUtc(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}
