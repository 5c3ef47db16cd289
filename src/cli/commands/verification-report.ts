import { quoteUntrusted } from '../../redact.ts'
import type { Principal } from '../../token/verify/principal.ts'
import { describeSkew } from '../../token/verify/refusals.ts'
import type { Snippets } from '../../token/verify/snippets.ts'
import type { Verification } from '../../token/verify/verify-token.ts'
import type { OutputValue } from '../output/index.ts'
import { row, type TextStyle, wrapText } from '../style.ts'
import { formatDuration, formatTimestamp } from '../time-format.ts'
import { renderChecks, toInspectionJson } from './inspection-report.ts'

export interface VerifyReport extends Verification {
  readonly clusterId: string
  readonly from: string
  readonly principal: Principal | undefined
  readonly snippets: Snippets | undefined
}

export function renderVerification(found: VerifyReport, style: TextStyle): string {
  const { verdict, clusterId, from, inspection } = found
  const heading = `${style.bold('Token')} (${from}) for cluster ${quoteUntrusted(clusterId)}\n\n`
  if (!verdict) {
    const said = 'A rule of the server does not hold, so STS was not asked.'
    return `${heading}${renderChecks(inspection.rules, style)}\n${style.colorize('fail', said)}\n`
  }
  if (verdict.refused) {
    const { code, status, message, meaning, remedy } = verdict.refused
    const rows = [
      row('STS host', inspection.sts?.host ?? '', 12, style),
      row('answer', code === String(status) ? `status ${code}` : `${code} (status ${status})`, 12, style),
      message === undefined ? '' : row('in its words', message, 12, style),
      row('meaning', meaning, 12, style),
      row('next', remedy, 12, style),
      clockRow(found, style),
    ]
    return `${heading}${rows.join('')}\n${style.colorize('fail', 'STS does not confirm this token.')}\n`
  }
  return `${heading}${identityRows(found, style)}\n${snippetLines(found, style)}${style.colorize('ok', 'STS confirms this token.')}\n`
}

function identityRows(found: VerifyReport, style: TextStyle): string {
  const { verdict, principal, inspection } = found
  const identity = verdict?.identity
  if (!identity || !principal) return ''
  const { validUntil, secondsLeft = 0 } = inspection
  const facts: [string, string | undefined][] = [
    ['ARN', identity.arn],
    ['account', identity.account],
    ['user id', identity.userId],
    ['session name', identity.sessionName],
    ['IAM role', principal.kind === 'role' ? (principal.fullArn ?? principal.mappedArn) : undefined],
    ['access key', inspection.accessKeyId],
    ['STS host', inspection.sts?.host],
    ['valid until', validUntil && formatTimestamp(validUntil)],
    ['', secondsLeft > 0 ? `for ${formatDuration(secondsLeft)} from now` : undefined],
  ]
  const rows = facts.map(([name, value]) => (value === undefined ? '' : row(name, value, 12, style)))
  return `${rows.join('')}${clockRow(found, style)}`
}

function clockRow({ skewSeconds }: VerifyReport, style: TextStyle): string {
  if (skewSeconds === undefined) return ''
  return row('clock', describeSkew(skewSeconds) ?? `agrees with that of STS (${skewSeconds} s)`, 12, style)
}

/** Lines to copy stand alone and unbroken. */
function snippetLines({ snippets }: VerifyReport, style: TextStyle): string {
  if (!snippets?.awsAuth || !snippets.accessEntry) return ''
  const note = snippets.pathNote === undefined ? '' : `${wrapText(snippets.pathNote, style.width).join('\n')}\n\n`
  return (
    `${style.bold('To let it in')}, one of these, by who administers the cluster:\n\n` +
    `${style.dim('# the aws-auth ConfigMap in kube-system')}\n${snippets.awsAuth}\n\n` +
    `${style.dim('# an access entry')}\n${snippets.accessEntry}\n\n${note}`
  )
}

export function toVerificationJson(found: VerifyReport): { [key: string]: OutputValue } {
  const { verdict, principal, snippets, clusterId, skewSeconds, inspection } = found
  const identity = verdict?.identity
  const refused = verdict?.refused
  return {
    verified: identity !== undefined,
    clusterName: clusterId,
    asked: verdict !== undefined,
    identity: identity
      ? {
          account: identity.account,
          arn: identity.arn,
          userId: identity.userId,
          sessionName: identity.sessionName ?? null,
          kind: principal?.kind ?? null,
          mappedArn: principal?.mappedArn ?? null,
          fullArn: principal?.fullArn ?? null,
        }
      : null,
    snippets: snippets
      ? {
          awsAuth: snippets.awsAuth ?? null,
          accessEntry: snippets.accessEntry ?? null,
          pathNote: snippets.pathNote ?? null,
        }
      : null,
    refused: refused
      ? {
          code: refused.code,
          status: BigInt(refused.status),
          said: refused.message ?? null,
          meaning: refused.meaning,
          remedy: refused.remedy,
        }
      : null,
    clockSkewSeconds: skewSeconds === undefined ? null : BigInt(skewSeconds),
    token: toInspectionJson(inspection),
  }
}
