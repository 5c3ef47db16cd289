import { quoteUntrusted, replaceControls } from '../../redact.ts'
import type { Principal } from '../../token/verify/principal.ts'
import { describeSkew, type Refusal } from '../../token/verify/refusals.ts'
import type { Snippets } from '../../token/verify/snippets.ts'
import type { Identity } from '../../token/verify/verdict.ts'
import type { Verification } from '../../token/verify/verify-token.ts'
import type { OutputValue } from '../output/index.ts'
import { row, type TextStyle, wrapText } from '../style.ts'
import { describeValidity, renderChecks, toInspectionJson } from './inspection-report.ts'

export interface VerifyReport extends Verification {
  readonly clusterId: string
  /** The token was generated for this report, for the cluster name that STS was called with. */
  readonly isNew: boolean
  /** Where the token comes from, in words. */
  readonly from: string
  readonly principal: Principal | undefined
  readonly snippets: Snippets | undefined
}

const NAME_WIDTH = 12

export function renderVerification(report: VerifyReport, style: TextStyle): string {
  const { verdict, clusterId, from } = report
  const heading = `${style.bold('Token')} (${from}) for cluster ${quoteUntrusted(clusterId)}\n\n`
  if (!verdict) return heading + renderRejection(report, style)
  return (
    heading +
    (verdict.refused ? renderRefusal(verdict.refused, report, style) : renderIdentity(verdict.identity, report, style))
  )
}

function renderRejection({ inspection }: VerifyReport, style: TextStyle): string {
  const result = "The token fails the API server's checks; STS was not called."
  return `${style.bold('Checks')}\n\n${renderChecks(inspection.rules, style)}\n${style.colorize('fail', result)}\n`
}

function renderRefusal(refusal: Refusal, report: VerifyReport, style: TextStyle): string {
  const { code, status, message, meaning, remedy } = refusal
  const rows = renderRows(
    [
      ['cause', meaning],
      ['hint', remedy],
      ['response', code === String(status) ? `HTTP status ${code}` : `${code} (HTTP status ${status})`],
      ['message', message],
      ['STS host', report.inspection.sts?.host],
      ['clock', describeClock(report)],
    ],
    style,
  )
  const result = refusal.isVerdict ? 'STS rejected the token.' : 'STS did not verify the token.'
  return `${rows}\n${style.colorize('fail', result)}\n`
}

function renderIdentity(identity: Identity, report: VerifyReport, style: TextStyle): string {
  const { principal, inspection } = report
  const rows = renderRows(
    [
      ['ARN', identity.arn],
      ['account', identity.account],
      ['user id', identity.userId],
      ['session name', identity.sessionName],
      ['IAM role', principal?.kind === 'role' ? (principal.fullArn ?? principal.mappedArn) : undefined],
      ['access key', inspection.accessKeyId],
      ['STS host', inspection.sts?.host],
      ['valid until', describeValidity(inspection)],
      ['clock', describeClock(report)],
    ],
    style,
  )
  const proof = wrapText(describeProof(report), style.width).join('\n')
  return `${rows}\n${renderSnippets(report, style)}${style.colorize('ok', 'STS accepted the token.')}\n${style.dim(proof)}\n`
}

/** The token contains the cluster name only in its signature. */
function describeProof({ clusterId, isNew }: VerifyReport): string {
  const name = quoteUntrusted(clusterId)
  return isNew
    ? `This proves who signs. It proves nothing about the cluster: the token was just signed for the name ${name}, and STS accepts a token for any name. 'eks-get-token doctor' compares the name with your kubeconfig and calls the API server.`
    : `This proves who signed, and that the token was signed for a cluster named ${name}, but not that this cluster exists or admits the identity.`
}

function renderRows(rows: readonly (readonly [name: string, value: string | undefined])[], style: TextStyle): string {
  return rows.map(([name, value]) => (value === undefined ? '' : row(name, value, NAME_WIDTH, style))).join('')
}

function describeClock({ skewSeconds }: VerifyReport): string | undefined {
  if (skewSeconds === undefined) return undefined
  return describeSkew(skewSeconds) ?? `in sync with STS (${skewSeconds} s)`
}

/** Lines to be copied are neither indented nor broken. */
function renderSnippets({ snippets }: VerifyReport, style: TextStyle): string {
  if (!snippets?.awsAuth || !snippets.accessEntry) return ''
  const note = snippets.pathNote === undefined ? '' : `${wrapText(snippets.pathNote, style.width).join('\n')}\n\n`
  return (
    `${style.bold('To grant access')}, a cluster admin can apply one of:\n\n` +
    `${style.dim('# aws-auth ConfigMap in namespace kube-system')}\n${replaceControls(snippets.awsAuth)}\n\n` +
    `${style.dim('# access entry')}\n${replaceControls(snippets.accessEntry)}\n\n${note}`
  )
}

export function toVerificationJson(report: VerifyReport): { [key: string]: OutputValue } {
  const { verdict, principal, snippets, clusterId, isNew, skewSeconds, inspection } = report
  const identity = verdict?.identity
  const refused = verdict?.refused
  return {
    verified: identity !== undefined,
    clusterName: clusterId,
    // Null: a token that was just generated says nothing about the name.
    signedForClusterName: isNew || !verdict ? null : identity !== undefined,
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
          isVerdict: refused.isVerdict,
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
