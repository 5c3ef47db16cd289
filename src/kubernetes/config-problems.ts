import { isIP } from 'node:net'
import { isCertificate, pemProblem } from '../net/pem.ts'
import { redactUrl, redactValue } from '../redact.ts'
import type { ClusterAccess, Context, UserAccess } from './context.ts'
import { UPDATE_COMMAND } from './kubeconfig/read.ts'

/** Why kubectl does not work with an entry of a kubeconfig, and what to do. */
export interface ConfigProblem {
  readonly message: string
  readonly remedy: string
}

type IsReadable = (path: string) => boolean
/** @returns undefined for a file that is not UTF-8 text */
type ReadText = (path: string) => string | undefined

/**
 * What kubectl rejects in a cluster entry before it connects, and a server URL for which it sends no token.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/tools/clientcmd/validation.go (validateClusterInfo)
 */
export function clusterProblem(
  { cluster, clusterEntry }: Context,
  { isReadable, readText }: { readonly isReadable: IsReadable; readonly readText: ReadText },
): ConfigProblem | undefined {
  const { server, proxyUrl, caData, caFile, skipsVerification } = cluster
  const entry = `cluster "${redactValue(clusterEntry)}"`
  if (server === '') return { message: `${entry} has no server`, remedy: 'add the URL of the cluster as server:' }
  if (proxyUrl !== undefined && !/^(https?|socks5):/i.test(proxyUrl)) {
    return {
      message: `proxy-url of ${entry} is ${redactUrl(proxyUrl)}, which kubectl rejects`,
      remedy: 'use a URL with the scheme http, https or socks5',
    }
  }
  if (caData !== undefined && caFile !== undefined) {
    return {
      message: `${entry} has both certificate-authority-data and certificate-authority (${caFile}), which kubectl rejects`,
      remedy: 'remove certificate-authority',
    }
  }
  if (caFile !== undefined && !isReadable(caFile)) {
    return {
      message: `the certificate authority file of ${entry}, ${caFile}, cannot be read`,
      remedy: 'correct certificate-authority, or use certificate-authority-data',
    }
  }
  if (caData && !hasCertificate(caData)) {
    return {
      message: `certificate-authority-data of ${entry} is not a certificate in PEM format: kubectl fails with "unable to load root certificates"`,
      remedy: `regenerate the entry: run ${UPDATE_COMMAND}`,
    }
  }
  if (caFile !== undefined) {
    const text = readText(caFile)
    if (text === undefined || !hasCertificate(text)) {
      const problem = (text !== undefined && pemProblem(text)) || 'it has no certificate in PEM format: it is not text'
      return {
        message: `the certificate authority file of ${entry}, ${caFile}, is not usable: ${problem}; kubectl fails with "unable to load root certificates"`,
        remedy:
          'set certificate-authority to a file with CA certificates in PEM format, or use certificate-authority-data',
      }
    }
  }
  if (skipsVerification && (caData ?? caFile) !== undefined) {
    return {
      message: `${entry} has both insecure-skip-tls-verify and a certificate authority, which kubectl rejects`,
      remedy: 'remove insecure-skip-tls-verify',
    }
  }
  return serverProblem(server, entry)
}

/** As in Go, which skips what it cannot parse, one certificate suffices. */
function hasCertificate(text: string): boolean {
  return text.split(/(?=-----BEGIN )/).some((part) => part.startsWith('-----BEGIN CERTIFICATE') && isCertificate(part))
}

function serverProblem(server: string, entry: string): ConfigProblem | undefined {
  const shown = redactUrl(server)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(server)) {
    return {
      message: `the server of ${entry}, ${shown}, has no scheme: kubectl uses http: and sends no token`,
      remedy: `write it as https://${shown}`,
    }
  }
  if (!URL.canParse(server) || !isGoUrl(server)) {
    return { message: `the server of ${entry}, ${shown}, is not a valid URL`, remedy: 'correct server:' }
  }
  const { username, password } = new URL(server)
  if (username === '' && password === '') return undefined
  return {
    message: `the server URL of ${entry} contains a user name: kubectl sends it in place of the token`,
    remedy: 'remove the user name and the password from server:',
  }
}

/** Go's URL parser rejects what Node's corrects: spaces, control characters, and unescaped characters in the host. */
function isGoUrl(url: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it matches
  if (/[\x00-\x20\x7f]/.test(url)) return false
  const [, host = ''] = /^[^:]+:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::\d*)?(?=[/?#]|$)/.exec(url) ?? []
  if (host.startsWith('[')) return isIP(host.slice(1, -1).replace(/%25.*$/, '')) === 6
  return host !== '' && !/[\\^{}|`<>"]/.test(host)
}

/**
 * What kubectl rejects in a user entry, apart from its exec block.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/tools/clientcmd/validation.go (validateAuthInfo)
 */
export function userProblem(user: UserAccess, isReadable: IsReadable): ConfigProblem | undefined {
  const certificate = user.clientCertificate || user.clientCertificateData
  if (user.token !== '' && (user.username !== '' || user.password !== '')) {
    return { message: 'the user has both token and username, which kubectl rejects', remedy: 'keep only one of them' }
  }
  if (certificate !== '') {
    for (const [name, file, data] of [
      ['client-certificate', user.clientCertificate, user.clientCertificateData],
      ['client-key', user.clientKey, user.clientKeyData],
    ] as const) {
      if (file !== '' && data !== '') {
        return {
          message: `the user has both ${name} and ${name}-data, which kubectl rejects`,
          remedy: `remove ${name}`,
        }
      }
      if (file !== '' && !isReadable(file)) {
        return { message: `the ${name} file ${file} cannot be read`, remedy: `correct or remove ${name}` }
      }
    }
    if (user.clientKey === '' && user.clientKeyData === '') {
      return { message: 'the user has a client-certificate without a client-key', remedy: 'remove client-certificate' }
    }
  }
  const impersonates =
    user.impersonateUid !== '' || user.impersonateGroups.length > 0 || Object.keys(user.impersonateExtra).length > 0
  if (impersonates && user.impersonate === '') {
    return {
      message: 'the user has as-uid, as-groups or as-user-extra without as, which kubectl rejects',
      remedy: 'add as:, or remove them',
    }
  }
  return undefined
}

/** For Linux. https://man7.org/linux/man-pages/man2/execve.2.html (MAX_ARG_STRLEN) */
const MAX_STRING_BYTES = 128 * 1024

/** A string that is too long for Linux to start the plugin with. */
export function tooLongForExec({ cluster, exec }: Context, caText: string | undefined): ConfigProblem | undefined {
  if (!exec) return undefined
  const problem = (what: string, remedy: string): ConfigProblem => {
    return { message: `${what} 128 KiB or more, so Linux cannot start the command`, remedy }
  }
  const isTooLong = (text: string): boolean => Buffer.byteLength(text) >= MAX_STRING_BYTES
  const index = exec.args.findIndex(isTooLong)
  if (index >= 0) return problem(`args: argument ${index + 1} is`, 'shorten or remove it in args: of the exec block')
  const variable = Object.entries(exec.env).find(([name, value]) => isTooLong(`${name}=${value}`))
  if (variable) {
    const name = redactValue(variable[0])
    return problem(`env: the variable ${name} is`, `shorten or remove ${name} in env: of the exec block`)
  }
  if (!exec.provideClusterInfo || execInfoBytes(exec.apiVersion, cluster, caText) < MAX_STRING_BYTES) {
    return undefined
  }
  const reducible = cluster.execConfig === undefined ? 'the certificate authority' : 'its exec extension'
  return problem(
    'provideClusterInfo: the cluster information is',
    `set provideClusterInfo: false in the exec block, or make ${reducible} smaller`,
  )
}

/** The size of KUBERNETES_EXEC_INFO, with its name. */
function execInfoBytes(apiVersion: string, cluster: ClusterAccess, caText: string | undefined): number {
  const info = {
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      cluster: {
        server: cluster.server,
        ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
        ...(cluster.skipsVerification ? { 'insecure-skip-tls-verify': true } : {}),
        ...(caText ? { 'certificate-authority-data': Buffer.from(caText).toString('base64') } : {}),
        ...(cluster.proxyUrl === undefined ? {} : { 'proxy-url': cluster.proxyUrl }),
        ...(cluster.disablesCompression ? { 'disable-compression': true } : {}),
        ...(cluster.execConfig === undefined ? {} : { config: cluster.execConfig }),
      },
      interactive: false,
    },
  }
  // Go escapes these characters, and ends the text with a line break.
  const json = JSON.stringify(info).replace(/[<>&]/g, '\\u0000')
  return Buffer.byteLength(`KUBERNETES_EXEC_INFO=${json}\n`)
}
