// Lists the namespaces of contexts with @kubernetes/client-node, which passes no exec info to plugins: this program does.
// usage: node list-namespaces.mjs [--no-exec-info] CONTEXT...
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'

const file = join(homedir(), '.kube', 'config')
const { clusters } = parse(readFileSync(file, 'utf8'))
const contexts = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const passesExecInfo = !process.argv.includes('--no-exec-info')

const results = []
for (const context of contexts) {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(file)
  kubeConfig.setCurrentContext(context)
  const { cluster } = clusters.find(({ name }) => name === kubeConfig.getCurrentCluster().name)
  const extension = cluster.extensions.find(({ name }) => name === 'client.authentication.k8s.io/exec')
  if (passesExecInfo) {
    process.env.KUBERNETES_EXEC_INFO = JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { cluster: { server: cluster.server, config: extension.extension }, interactive: false },
    })
  }
  const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespace()
  results.push(items.map(({ metadata }) => metadata.name))
}
console.log(JSON.stringify(results))
