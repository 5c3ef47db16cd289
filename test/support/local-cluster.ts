import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, type ApiServerOptions, startApiServer } from './api-server.ts'
import { createCertificateAuthority } from './certificates.ts'
import { eksGetToken } from './command.ts'
import { kubeconfig } from './kubeconfig.ts'

export interface LocalClusterOptions extends Omit<ApiServerOptions, 'tls'> {
  /** The user block of the kubeconfig, in YAML. */
  user: string
  /** Name of the kubeconfig's entries; default `local`. */
  entry?: string
  /** More lines for the kubeconfig's cluster. */
  cluster?: readonly string[]
}

export interface LocalCluster extends Pick<ApiServer, 'url' | 'seen'> {
  /** A fresh home folder: what anything wrote is gone with it. */
  home: string
  kubeconfigFile: string
  /** PEM text of the authority that the server's certificate is from. */
  certificate: string
  /** All that a child process gets; credentials are for the caller to add. */
  env: Record<string, string>
  close: () => Promise<void>
}

/**
 * A local API server with all that a kubectl needs to talk to it: a kubeconfig with the given user block, a home, and a
 * PATH with `eks-get-token` on it and nothing else.
 */
export async function startLocalCluster({
  user,
  entry = 'local',
  cluster = [],
  ...server
}: LocalClusterOptions): Promise<LocalCluster> {
  const home = await mkdtemp(join(tmpdir(), 'eks-get-token-'))
  const bin = join(home, 'bin')
  await mkdir(bin)
  const words = eksGetToken().map((word) => `'${word}'`)
  await writeFile(join(bin, 'eks-get-token'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })

  const authority = await createCertificateAuthority()
  const { url, seen, close } = await startApiServer({ ...server, tls: await authority.issue('127.0.0.1') })
  const kubeconfigFile = join(home, 'kubeconfig')
  const text = kubeconfig({ server: url, certificate: authority.pem, user, entry, cluster })
  await writeFile(kubeconfigFile, text, { mode: 0o600 })
  return {
    url,
    seen,
    home,
    kubeconfigFile,
    certificate: authority.pem,
    env: {
      HOME: home,
      PATH: bin,
      KUBECONFIG: kubeconfigFile,
      // Else a credential chain that finds nothing looks for an instance's role over the network.
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close: async () => {
      await close()
      await authority.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
