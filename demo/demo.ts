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
  show(
    `${bold('eks-get-token, from end to end.')} All of it on this machine: no AWS account, no network, example keys.`,
  )

  heading('An API server that lets in whom EKS would let in')
  show(`${cluster.url} is cluster "demo". It knows one access key, ${ACCESS_KEY}, and its secret.`)

  heading('A kubeconfig as `aws eks update-kubeconfig` writes it, with one word changed')
  show(`user:\n${indented(awsUserBlock(USER)).replace(/(command: .*)/, `${green('$1')}   ${dim('# was: aws')}`)}`)

  heading('The answer of that command')
  const answer = await getToken(cluster, 'demo')
  show(dim('$ eks-get-token --region us-west-2 eks get-token --cluster-name demo --output json'))
  show(answer.stdout + answer.stderr)

  heading(kubectl === undefined ? 'The cluster, asked with that token' : 'kubectl, which starts that command by itself')
  const accepted = await call(cluster, 'demo')
  show(`${dim(`$ ${accepted.command}`)}\n${accepted.printed}`)
  if (kubectl === undefined) {
    show(`\n${bold('There is no kubectl on this machine')}, so the demo itself asked. For the real one, run`)
    show('.ci/kubectl (Linux on x86-64) or see https://kubernetes.io/docs/tasks/tools/, and start the demo again.')
  }
  const letIn = showRequests(cluster) && accepted.succeeded

  heading('Turned away: the same, with --cluster-name prod')
  const refused = await call(cluster, 'prod')
  show(`${dim(`$ ${refused.command}`)}\n${refused.printed}`)
  const turnedAway = !showRequests(cluster) && !refused.succeeded

  const well = letIn && turnedAway
  show(`\n${well ? green('Both went as they should.') : red('That is not as it should be.')}`)
  return well
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

/** What the server saw and checked. True when it let the last one in. */
function showRequests({ seen }: LocalCluster): boolean {
  const verdict = seen.at(-1)?.verdict
  if (verdict === undefined) {
    show(red('\nThe server saw no request.'))
    return false
  }
  const requests = seen.length === 1 ? 'one request:' : `${seen.length} requests, the last one`
  show(`\nThe server saw ${requests} ${seen.at(-1)?.request.replace(/\?.*/, '')}.`)
  if (verdict.ok) {
    show(`${green(`It let ${verdict.accessKeyId} in.`)} What it checked, by the rules of EKS and of STS:`)
    const rules = verdict.passed.map((rule) => `✓ ${rule}`)
    show(`\n${columns(rules, 46)}`)
    show('\nThe signature was computed again by aws4, which shares no code with eks-get-token.')
  } else {
    show(`${red('It turned the caller away.')} ${verdict.passed.length} rules hold, the next one does not:`)
    show(`\n${red(`✗ ${verdict.reason}`)}`)
    show('\nThe name of a cluster is signed but not written into the token: each server puts in its own.')
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
