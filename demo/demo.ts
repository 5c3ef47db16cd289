import { readFile, writeFile } from 'node:fs/promises'
import { runEksGetToken } from '../test/support/command.ts'
import { awsUserBlock } from '../test/support/kubeconfig.ts'
import { findKubectl } from '../test/support/kubectl.ts'
import { type LocalCluster, startLocalCluster } from '../test/support/local-cluster.ts'
import { type Call, callWithKubectl, callWithoutKubectl } from './client.ts'
import { bold, columns, dim, green, heading, red, show } from './screen.ts'

const ACCESS_KEY = 'AKIDEXAMPLE'
const SECRET = 'secret-of-AKIDEXAMPLE'
const KEYS = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET }
const USER = { clusterName: 'demo', region: 'us-west-2' }

const kubectl = findKubectl(process.env.PATH ?? '')

async function tell(cluster: LocalCluster): Promise<boolean> {
  show(`${bold('eks-get-token, end to end.')} Everything runs here: no AWS account, no network, example credentials.`)

  heading('An API server that authenticates users as EKS does')
  show(`${cluster.url} is the cluster "demo". It accepts one access key, ${ACCESS_KEY}.`)

  heading('A kubeconfig as written by `aws eks update-kubeconfig`, with one word changed')
  show(`user:\n${indented(awsUserBlock(USER)).replace(/(command: .*)/, `${green('$1')}   ${dim('# was: aws')}`)}`)

  heading('The output of that command')
  const result = await getToken(cluster, 'demo')
  show(dim('$ eks-get-token --region us-west-2 eks get-token --cluster-name demo --output json'))
  show(result.stdout + result.stderr)

  heading(
    kubectl === undefined ? 'A request to the cluster with that token' : 'kubectl, which runs that command itself',
  )
  const accepted = await call(cluster, 'demo')
  show(`${dim(`$ ${accepted.command}`)}\n${accepted.printed}`)
  if (kubectl === undefined) {
    show(`\n${bold('kubectl is not installed')}, so the demo sent the request itself. To use kubectl, run`)
    show('.ci/kubectl (Linux on x86-64) or see https://kubernetes.io/docs/tasks/tools/, and start the demo again.')
  }
  const isAccepted = showRequests(cluster) && accepted.succeeded

  heading('Rejected: the same request, with --cluster-name prod')
  const refused = await call(cluster, 'prod')
  show(`${dim(`$ ${refused.command}`)}\n${refused.printed}`)
  const isRejected = !showRequests(cluster) && !refused.succeeded

  const isAsExpected = isAccepted && isRejected
  show(`\n${isAsExpected ? green('Both results are as expected.') : red('The results are not as expected.')}`)
  return isAsExpected
}

function getToken({ env, home }: LocalCluster, clusterName: string) {
  const args = ['--region', 'us-west-2', 'eks', 'get-token', '--cluster-name', clusterName, '--output', 'json']
  return runEksGetToken(args, { env: { ...env, ...KEYS }, cwd: home })
}

/** The request that users make, after the kubeconfig has been changed to name this cluster. */
async function call(cluster: LocalCluster, clusterName: string): Promise<Call> {
  cluster.seen.length = 0
  if (kubectl === undefined) return callWithoutKubectl(await getToken(cluster, clusterName), cluster)
  const kubeconfig = await readFile(cluster.kubeconfigFile, 'utf8')
  await writeFile(cluster.kubeconfigFile, kubeconfig.replace(/(- --cluster-name\n\s*- ).*/, `$1${clusterName}`))
  return callWithKubectl(kubectl, cluster, KEYS)
}

/** What the server received and checked. True if it accepted the last request. */
function showRequests({ seen }: LocalCluster): boolean {
  const verdict = seen.at(-1)?.verdict
  if (verdict === undefined) {
    show(red('\nThe server received no request.'))
    return false
  }
  const requests = seen.length === 1 ? 'one request:' : `${seen.length} requests; the last one:`
  show(`\nThe server received ${requests} ${seen.at(-1)?.request.replace(/\?.*/, '')}.`)
  if (verdict.ok) {
    show(`${green(`It accepted ${verdict.accessKeyId}.`)} The checks, as in EKS and STS:`)
    const rules = verdict.passed.map((rule) => `✓ ${rule}`)
    show(`\n${columns(rules, 46)}`)
    show('\nThe signature was recomputed by aws4, which shares no code with eks-get-token.')
  } else {
    show(`${red('It rejected the request.')} ${verdict.passed.length} checks passed, the next one failed:`)
    show(`\n${red(`✗ ${verdict.reason}`)}`)
    show('\nThe cluster name is signed but is not part of the token: each API server inserts its own.')
  }
  return verdict.ok
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

const cluster = await startLocalCluster({
  clusterName: USER.clusterName,
  user: awsUserBlock(USER),
  secretFor: (accessKeyId) => (accessKeyId === ACCESS_KEY ? { secret: SECRET } : undefined),
})
process.once('SIGINT', () => cluster.close().finally(() => process.exit(130)))
try {
  process.exitCode = (await tell(cluster)) ? 0 : 1
} finally {
  await cluster.close()
}
