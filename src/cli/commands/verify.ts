import { readSharedFiles } from '../../config/profiles.ts'
import { computeSettings } from '../../config/settings.ts'
import { EksTokenError } from '../../errors.ts'
import { parsePrincipal } from '../../token/verify/principal.ts'
import { snippetsFor } from '../../token/verify/snippets.ts'
import { verifyToken } from '../../token/verify/verify-token.ts'
import { createReporter } from '../output-mode.ts'
import { defineCommand, OUTPUT_HELP } from '../subcommand.ts'
import { resolveTokenInput } from '../token-input.ts'
import { tokenOptions } from '../token-options.ts'
import { renderVerification, toVerificationJson, type VerifyReport } from './verification-report.ts'

/** What STS says about a token when a cluster of a name asks. */
export const COMMAND = defineCommand({
  usage: '[TOKEN] --cluster-name <name> [options]',
  description:
    'Ask STS about a token as the API server of a cluster does: its rules first, offline, then the request itself, to a ' +
    'host of STS and to no other. Shows who signed, and how to let that identity in.\n\n' +
    'TOKEN is read as inspect reads it; without one a fresh token is made.',
  optionGroups: ['general', 'output', 'credentials', 'cluster'],
  helpOverrides: OUTPUT_HELP,
  own: () => ({}),
  ownOptions: [],
  maxPositionals: 1,
  footer: `
Examples:
  # who am I to this cluster, and is the name right?
  eks-get-token verify --cluster-name demo
  # a token from elsewhere
  aws eks get-token --cluster-name demo | eks-get-token verify --cluster-name demo

Exit codes: 0 STS confirms, 1 it does not or a rule is broken, 252 command line, others as get-token
`,
  run: async (call, runtime, terminal) => {
    const answer = await createReporter('verify', call.options, runtime, terminal)
    const options = tokenOptions(call.options, runtime, terminal)
    const clusterId = options.clusterName || options.clusterId
    if (!clusterId || (options.clusterName !== undefined && options.clusterId !== undefined)) {
      throw new EksTokenError('ERR_USAGE', 'verify needs one of --cluster-name and --cluster-id', {
        remedy: 'the name is not in a token: say which cluster is to ask',
      })
    }
    const { network } = computeSettings(options, runtime.env, readSharedFiles(runtime))
    const { token, from, plan } = await resolveTokenInput(call, runtime, terminal)
    const verification = await verifyToken(token, clusterId, { network, runtime })
    const identity = verification.verdict?.identity
    const principal = identity && parsePrincipal(identity.arn, plan)
    const snippets = principal && snippetsFor(principal, clusterId)
    const found: VerifyReport = { ...verification, clusterId, from, principal, snippets }
    await answer.print(toVerificationJson(found), (style) => renderVerification(found, style))
    return identity ? 0 : 1
  },
})
