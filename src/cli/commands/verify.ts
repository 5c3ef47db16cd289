import { resolveSettings, type TokenOptions } from '../../create-token.ts'
import { EksTokenError } from '../../errors.ts'
import { DEFAULT_TIMEOUT_SECONDS, startDeadline } from '../../net/deadline.ts'
import type { Runtime } from '../../runtime.ts'
import { parsePrincipal } from '../../token/verify/principal.ts'
import { INSPECT_LINE } from '../../token/verify/refusals.ts'
import { snippetsFor } from '../../token/verify/snippets.ts'
import type { StsVerdict } from '../../token/verify/verdict.ts'
import { verifyToken } from '../../token/verify/verify-token.ts'
import { requireClusterName } from '../cluster-arn.ts'
import { identityLine } from '../identity-line.ts'
import { createReporter } from '../output-mode.ts'
import { CREDENTIAL_EXIT_CODES, defineCommand, OUTPUT_HELP } from '../subcommand.ts'
import { noteSilence, resolveTokenInput } from '../token-input.ts'
import { tokenOptions } from '../token-options.ts'
import { createWaitingLine } from '../waiting-line.ts'
import { renderVerification, toVerificationJson, type VerifyReport } from './verification-report.ts'

/** Verifies a token as the API server of a cluster does: calls STS with the cluster name. */
export const COMMAND = defineCommand({
  usage: '[TOKEN] --cluster-name <name> [options]',
  description:
    'Verify a token as an API server does: check it offline, then send its presigned request to STS, and only to STS ' +
    'endpoints. Shows the identity that signed the token, and how to grant it access to the cluster.\n\n' +
    'TOKEN is specified as for inspect. STS accepts it only if it was signed for a cluster with this name. Without it, a ' +
    'new token is generated: the result then shows who signs, and says nothing about the cluster or its name.',
  optionGroups: ['general', 'output', 'credentials', 'cluster'],
  helpOverrides: OUTPUT_HELP,
  maxPositionals: 1,
  footer: `
Examples:
  # show the identity that signs tokens for a cluster
  eks-get-token verify --cluster-name demo
  # verify a token from another program
  aws eks get-token --cluster-name demo |
    eks-get-token verify --cluster-name demo
`,
  exitCodes: {
    ...CREDENTIAL_EXIT_CODES,
    0: 'STS accepted the token',
    1: 'STS did not accept the token, or a check failed',
  },
  run: async (call, runtime, terminal) => {
    const reporter = await createReporter('verify', call.options, runtime, terminal)
    const options = tokenOptions(call.options, runtime, terminal)
    const clusterId = options.clusterName || options.clusterId
    if (!clusterId || (options.clusterName !== undefined && options.clusterId !== undefined)) {
      throw new EksTokenError('ERR_USAGE', 'verify requires either --cluster-name or --cluster-id', {
        remedy: 'a token does not contain the cluster name; pass --cluster-name NAME',
      })
    }
    requireClusterName(options)
    const waitObserver = call.options.debug ? undefined : createWaitingLine(terminal, runtime.processHost)
    const deadline = startDeadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, runtime.now, waitObserver)
    const verify = async () => {
      const { network, region } = await resolveSettings(options, runtime, deadline)
      const input = await resolveTokenInput(call, runtime, terminal, deadline)
      const response = verifyToken(input.token, clusterId, { network, runtime, plan: input.plan })
      return { input, region, verification: await deadline.waitFor('STS', response) }
    }
    const { input, region, verification } = await verify().finally(() => {
      waitObserver?.close()
      deadline.clear()
    })
    noteSilence(input, reporter, terminal)
    const { from, plan } = input
    const verdict = verification.verdict && withInspectLine(verification.verdict, plan ? options : undefined, runtime)
    const identity = verdict?.identity
    const principal = identity && parsePrincipal(identity.arn, plan)
    const snippets = principal && snippetsFor(principal, clusterId, region?.value, runtime.processHost.platform)
    const report: VerifyReport = {
      ...verification,
      verdict,
      clusterId,
      isNew: plan !== undefined,
      from,
      principal,
      snippets,
    }
    await reporter.print(toVerificationJson(report), (style) => renderVerification(report, style))
    return identity ? 0 : 1
  },
})

/** @param options - of a token that is new; undefined: the token was given, and its identity is not that of the options */
function withInspectLine(verdict: StsVerdict, options: TokenOptions | undefined, { processHost }: Runtime): StsVerdict {
  if (!verdict.refused) return verdict
  const line = options ? identityLine('inspect', options, processHost.platform) : 'eks-get-token inspect TOKEN'
  return {
    ...verdict,
    refused: { ...verdict.refused, remedy: verdict.refused.remedy.replace(INSPECT_LINE, () => line) },
  }
}
