import type { Principal } from '../token/verify/principal.ts'
import { skewInWords } from '../token/verify/refusals.ts'
import { shown } from '../token/verify/shown.ts'
import type { Snippets } from '../token/verify/snippets.ts'
import type { Verification } from '../token/verify/verify-token.ts'
import { inspectionValue, ruleRows } from './inspection-screen.ts'
import { duration, moment } from './moments.ts'
import type { Json } from './output.ts'
import { row, type Screen, wrapped } from './screen.ts'

export interface VerifyAnswer extends Verification {
  readonly clusterId: string
  readonly from: string
  readonly principal: Principal | undefined
  readonly snippets: Snippets | undefined
}

export function verifyPicture(found: VerifyAnswer, screen: Screen): string {
  const { answer, clusterId, from, inspection } = found
  const heading = `${screen.bold('Token')} (${from}) for cluster ${shown(clusterId)}\n\n`
  if (!answer) {
    const said = 'A rule of the server does not hold, so STS was not asked.'
    return `${heading}${ruleRows(inspection.rules, screen)}\n${screen.paint('fail', said)}\n`
  }
  if (answer.refused) {
    const { code, status, said, meaning, remedy } = answer.refused
    const rows = [
      row('STS host', inspection.sts?.host ?? '', 12, screen),
      row('answer', code === String(status) ? `status ${code}` : `${code} (status ${status})`, 12, screen),
      said === undefined ? '' : row('in its words', said, 12, screen),
      row('meaning', meaning, 12, screen),
      row('next', remedy, 12, screen),
      clockRow(found, screen),
    ]
    return `${heading}${rows.join('')}\n${screen.paint('fail', 'STS does not confirm this token.')}\n`
  }
  return `${heading}${identityRows(found, screen)}\n${snippetLines(found, screen)}${screen.paint('ok', 'STS confirms this token.')}\n`
}

function identityRows(found: VerifyAnswer, screen: Screen): string {
  const { answer, principal, inspection } = found
  const identity = answer?.identity
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
    ['valid until', validUntil && moment(validUntil)],
    ['', secondsLeft > 0 ? `for ${duration(secondsLeft)} from now` : undefined],
  ]
  const rows = facts.map(([name, value]) => (value === undefined ? '' : row(name, value, 12, screen)))
  return `${rows.join('')}${clockRow(found, screen)}`
}

function clockRow({ skewSeconds }: VerifyAnswer, screen: Screen): string {
  if (skewSeconds === undefined) return ''
  return row('clock', skewInWords(skewSeconds) ?? `agrees with that of STS (${skewSeconds} s)`, 12, screen)
}

/** Lines to copy stand alone and unbroken. */
function snippetLines({ snippets }: VerifyAnswer, screen: Screen): string {
  if (!snippets?.awsAuth || !snippets.accessEntry) return ''
  const note = snippets.pathNote === undefined ? '' : `${wrapped(snippets.pathNote, screen.width).join('\n')}\n\n`
  return (
    `${screen.bold('To let it in')}, one of these, by who administers the cluster:\n\n` +
    `${screen.dim('# the aws-auth ConfigMap in kube-system')}\n${snippets.awsAuth}\n\n` +
    `${screen.dim('# an access entry')}\n${snippets.accessEntry}\n\n${note}`
  )
}

export function verifyValue(found: VerifyAnswer): { [key: string]: Json } {
  const { answer, principal, snippets, clusterId, skewSeconds, inspection } = found
  const identity = answer?.identity
  const refused = answer?.refused
  return {
    verified: identity !== undefined,
    clusterName: clusterId,
    asked: answer !== undefined,
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
    refused: refused ? { ...refused, said: refused.said ?? null, status: BigInt(refused.status) } : null,
    clockSkewSeconds: skewSeconds === undefined ? null : BigInt(skewSeconds),
    token: inspectionValue(inspection),
  }
}
