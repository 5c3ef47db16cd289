import { type CredentialOptions, createToken } from '../../../create-token.ts'
import { malformedKeys } from '../../../credentials/explain/malformed-keys.ts'
import { clusterLocation } from '../../../kubernetes/context.ts'
import { redactKeyId } from '../../../redact.ts'
import { formatTime } from '../../../time-format.ts'
import { MAX_TOKEN_BYTES } from '../../../token/token.ts'
import { inspectToken } from '../../../token/verify/inspection.ts'
import { parsePrincipal } from '../../../token/verify/principal.ts'
import { INSPECT_LINE, UNKNOWN_CODE_REMEDY } from '../../../token/verify/refusals.ts'
import { verifyToken } from '../../../token/verify/verify-token.ts'
import { identityLine, missingVariables } from '../../identity-line.ts'
import { type CheckArtifacts, type DoctorContext, defineCheck, fail, ok, SEE_FAILED_CHECKS, warn } from './context.ts'
import { basePlan } from './shadowed-settings.ts'
import { distrustOf } from './trust.ts'

/** Credentials that expire sooner than a token. */
const SHORT_LIFETIME_SECONDS = 14 * 60

export const credentialsCheck = defineCheck({
  id: 'credentials',
  waitsFor: 'credentials',
  needs: ['plan', 'settings', 'tokenOptions', 'pluginRuntime'],
  remedy: ({ hasKubeconfig }) =>
    hasKubeconfig
      ? "for details, run 'eks-get-token --debug' with the arguments of the exec block"
      : 'for details, add --debug',
  run: async ({ plan, settings, tokenOptions, pluginRuntime }, context) => {
    const distrust = distrustOf(plan, settings, pluginRuntime.env, context.runtime.env)
    if (distrust && (distrust.isFinal || !context.options.sendToken)) {
      const [variable] = distrust.variables
      const orSend = distrust.isFinal ? '' : ', or run it with --send-token'
      return warn(distrust.reason, {
        remedy: `if you trust the kubeconfig, set ${variable} in the shell and run doctor again${orSend}`,
      })
    }
    const malformed = malformedKeys(basePlan(plan), settings, pluginRuntime.env)
    if (malformed) return fail(malformed.fact, { remedy: malformed.remedy })
    const token = await createToken(withoutProgress(tokenOptions, context), pluginRuntime, context.deadline)
    const artifacts = { token }
    const { credentialsExpireAt } = token
    const accessKeyId = redactKeyId(token.accessKeyId ?? '')
    if (!credentialsExpireAt) {
      // Session credentials always expire.
      return ok(`${accessKeyId}, ${token.sessionTokenBytes > 0 ? 'expiration unknown' : 'no expiration'}`, artifacts)
    }
    const now = pluginRuntime.now()
    const seconds = (credentialsExpireAt.getTime() - now.getTime()) / 1000
    const message = `${accessKeyId}, valid until ${formatTime(credentialsExpireAt, now)}`
    if (seconds >= SHORT_LIFETIME_SECONDS) return ok(message, artifacts)
    return warn(`${message}, which is less than the lifetime of a token (15 minutes)`, {
      remedy:
        'sign in again or increase the session duration of the role; otherwise clients must request tokens more often',
      artifacts,
    })
  },
})

/** Clears the progress line before a prompt for an MFA code, and before a credential_process is named. */
export function withoutProgress<T extends CredentialOptions>(
  options: T,
  { clearProgress, announceProcess: onProcessStart }: DoctorContext,
): T {
  const { mfaCodeProvider } = options
  if (!mfaCodeProvider) return { ...options, onProcessStart }
  return {
    ...options,
    onProcessStart,
    mfaCodeProvider: (request) => {
      clearProgress()
      return mfaCodeProvider(request)
    },
  }
}

/** The line that inspects the same token in the shell of doctor. */
function inspectLine(
  { tokenOptions, pluginRuntime }: Pick<CheckArtifacts, 'tokenOptions' | 'pluginRuntime'>,
  { runtime }: DoctorContext,
): string {
  const variables = missingVariables(pluginRuntime.env, runtime.env)
  return identityLine('inspect', tokenOptions, runtime.processHost.platform, { variables })
}

export const tokenCheck = defineCheck({
  id: 'token',
  needs: ['token', 'pluginRuntime', 'tokenOptions'],
  remedy: SEE_FAILED_CHECKS,
  run: ({ token: { token, sessionTokenBytes }, ...artifacts }, context) => {
    const { pluginRuntime } = artifacts
    const bytes = Buffer.byteLength(token)
    if (bytes > MAX_TOKEN_BYTES) {
      return fail(
        `token too large: ${bytes} bytes (maximum ${MAX_TOKEN_BYTES}), ${sessionTokenBytes} of them for the session token`,
        { remedy: 'reduce the session tags or the session policy, or use another role' },
      )
    }
    const failed = inspectToken(token, pluginRuntime.now()).rules.find(({ status }) => status === 'fail')
    if (failed) {
      const remedy = `for all checks of the token, run: ${inspectLine(artifacts, context)}`
      return fail(`${failed.id}: ${failed.finding}`, { remedy })
    }
    return ok(`${bytes} bytes (maximum ${MAX_TOKEN_BYTES}), well-formed`)
  },
})

export const stsCheck = defineCheck({
  id: 'sts',
  waitsFor: 'STS',
  needs: ['token', 'sts', 'settings', 'tokenOptions', 'pluginRuntime'],
  remedy: UNKNOWN_CODE_REMEDY,
  run: async ({ token: { token, plan }, ...artifacts }, context) => {
    const { settings, tokenOptions, pluginRuntime } = artifacts
    const { network } = settings
    const clusterId = tokenOptions.clusterName || tokenOptions.clusterId || ''
    const { verdict } = await verifyToken(token, clusterId, { network, runtime: pluginRuntime, plan })
    if (!verdict) {
      return fail('not called: API servers reject the token without calling STS', { remedy: SEE_FAILED_CHECKS })
    }
    if (verdict.refused) {
      const { code, meaning, remedy } = verdict.refused
      const line = inspectLine(artifacts, context)
      return fail(`${code}: ${meaning}`, {
        remedy: remedy.replace(INSPECT_LINE, () => line),
        artifacts: { verdict },
      })
    }
    const principal = parsePrincipal(verdict.identity.arn, plan)
    return ok(`signed by ${verdict.identity.arn}`, { verdict, principal })
  },
})

export const accountCheck = defineCheck({
  id: 'account',
  needs: ['principal', 'kubeContext'],
  remedy: 'use a profile or role in the account of the cluster, unless the cluster grants access to other accounts',
  run: ({ principal, kubeContext }) => {
    const { account } = principal
    const cluster = clusterLocation(kubeContext)
    if (cluster.partition !== undefined && cluster.partition !== principal.partition) {
      return fail(
        `different partition: the identity is in ${principal.partition}, the cluster in ${cluster.partition}; API servers accept only tokens signed for STS in their own partition`,
        { remedy: `use a profile or role in partition ${cluster.partition}` },
      )
    }
    if (cluster.account === undefined) return ok(`${account} (the kubeconfig does not contain the cluster's account)`)
    if (cluster.account === account) return ok(`${account}, same as the cluster`)
    return warn(`different account: the identity is in ${account}, the cluster in ${cluster.account}`)
  },
})
