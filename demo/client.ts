import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import { type CommandResult, runCommand } from '../test/support/command.ts'
import type { LocalCluster } from '../test/support/local-cluster.ts'

/** A call to the API server: what a user would type, and what there is to see. */
export interface Call {
  command: string
  printed: string
  succeeded: boolean
}

export async function callWithKubectl(kubectl: string, { env, home }: LocalCluster, keys: Keys): Promise<Call> {
  const words = [kubectl, 'get', 'namespaces'] as const
  const { code, stdout, stderr } = await runCommand(words, { env: { ...env, ...keys }, cwd: home })
  // kubectl tries five times to learn what the server has, and says so each time; the last line is the outcome.
  const outcome = stderr.trimEnd().split('\n').at(-1) ?? ''
  return { command: 'kubectl get namespaces', printed: stdout + outcome, succeeded: code === 0 }
}

/** For a machine without kubectl: the request that it would make, with the token that our command printed. */
export async function callWithoutKubectl(token: CommandResult, { url, certificate }: LocalCluster): Promise<Call> {
  const command = `curl --cacert ca.pem --header "Authorization: Bearer $TOKEN" ${url}/api/v1/namespaces`
  if (token.code !== 0) return { command, printed: token.stderr, succeeded: false }

  const { status } = JSON.parse(token.stdout) as { status: { token: string } }
  const request = get(`${url}/api/v1/namespaces`, {
    ca: certificate,
    headers: { authorization: `Bearer ${status.token}` },
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { kind, message, items = [] } = JSON.parse(await text(response)) as Answer
  const names = items.map(({ metadata }) => metadata.name).join(', ')
  return {
    command,
    printed: `HTTP ${response.statusCode}, ${kind}: ${message ?? names}`,
    succeeded: response.statusCode === 200,
  }
}

export type Keys = Record<string, string>

interface Answer {
  kind: string
  message?: string
  items?: { metadata: { name: string } }[]
}
