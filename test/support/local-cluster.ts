import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, type ApiServerOptions, startApiServer } from './api-server.ts'
import { createCertificateAuthority } from './certificates.ts'
import { eksGetToken } from './command.ts'
import { kubeconfig } from './kubeconfig.ts'

export interface LocalClusterOptions extends Omit<ApiServerOptions, 'tls'> {
  /** The user entry of the kubeconfig, in YAML. */
  user: string
  /** Name of the kubeconfig's entries; default `local`. */
  entry?: string
  /** Additional lines of the kubeconfig's cluster entry. */
  cluster?: readonly string[]
}

export interface LocalCluster extends Pick<ApiServer, 'url' | 'seen'> {
  /** A new home directory, removed by `close`. */
  home: string
  kubeconfigFile: string
  /** PEM text of the certificate authority of the server. */
  certificate: string
  /** The complete environment for child processes, without credentials. */
  env: Record<string, string>
  close: () => Promise<void>
}

/**
 * Starts a local API server, with a kubeconfig for it, a home directory, and a PATH that contains only `eks-get-token`.
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
      // Without it, a provider chain that finds nothing calls instance metadata over the network.
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close: async () => {
      await close()
      await authority.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
