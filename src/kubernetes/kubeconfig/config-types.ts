import { EksTokenError } from '../../errors.ts'
import {
  anything,
  bytes,
  flag,
  list,
  named,
  optional,
  type Path,
  record,
  struct,
  TypeMismatch,
  text,
} from './go-decode.ts'
import type { GoYaml } from './go-yaml.ts'

/**
 * The fields of a kubeconfig that kubectl knows, with their types. A field that is missing or null has Go's zero value; other
 * fields are ignored, whatever they contain.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/tools/clientcmd/api/v1/types.go
 */
export interface ConfigFile {
  readonly kind: string
  readonly apiVersion: string
  readonly currentContext: string
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly users: ReadonlyMap<string, User>
  readonly contexts: ReadonlyMap<string, ContextEntry>
}

export interface Cluster {
  readonly server: string
  readonly tlsServerName: string
  readonly skipsVerification: boolean
  readonly caFile: string
  readonly caData: Buffer
  readonly proxyUrl: string
  readonly disableCompression: boolean
  readonly extensions: ReadonlyMap<string, unknown>
}

export interface User {
  readonly clientCertificate: string
  readonly clientCertificateData: Buffer
  readonly clientKey: string
  readonly clientKeyData: Buffer
  readonly token: string
  readonly tokenFile: string
  readonly impersonate: string
  readonly impersonateUid: string
  readonly impersonateGroups: readonly string[]
  readonly impersonateExtra: Readonly<Record<string, readonly string[]>>
  readonly username: string
  readonly password: string
  readonly authProvider: AuthProvider | undefined
  readonly exec: Exec | undefined
}

export interface AuthProvider {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
}

export interface Exec {
  readonly command: string
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly apiVersion: string
  readonly installHint: string
  readonly provideClusterInfo: boolean
  readonly interactiveMode: string
}

export interface ContextEntry {
  readonly cluster: string
  readonly user: string
  readonly namespace: string
}

const extensions = named('extension', anything)

const CLUSTER = struct<Cluster>({
  server: ['server', text],
  tlsServerName: ['tls-server-name', text],
  skipsVerification: ['insecure-skip-tls-verify', flag],
  caFile: ['certificate-authority', text],
  caData: ['certificate-authority-data', bytes],
  proxyUrl: ['proxy-url', text],
  disableCompression: ['disable-compression', flag],
  extensions: ['extensions', extensions],
})

const EXEC = struct<Exec>({
  command: ['command', text],
  args: ['args', list(text)],
  env: ['env', list(struct({ name: ['name', text], value: ['value', text] }))],
  apiVersion: ['apiVersion', text],
  installHint: ['installHint', text],
  provideClusterInfo: ['provideClusterInfo', flag],
  interactiveMode: ['interactiveMode', text],
})

const USER = struct<User & { extensions: unknown }>({
  clientCertificate: ['client-certificate', text],
  clientCertificateData: ['client-certificate-data', bytes],
  clientKey: ['client-key', text],
  clientKeyData: ['client-key-data', bytes],
  token: ['token', text],
  tokenFile: ['tokenFile', text],
  impersonate: ['as', text],
  impersonateUid: ['as-uid', text],
  impersonateGroups: ['as-groups', list(text)],
  impersonateExtra: ['as-user-extra', record(list(text))],
  username: ['username', text],
  password: ['password', text],
  authProvider: [
    'auth-provider',
    optional(struct<AuthProvider>({ name: ['name', text], config: ['config', record(text)] })),
  ],
  exec: ['exec', optional(EXEC)],
  extensions: ['extensions', extensions],
})

const CONTEXT = struct<ContextEntry & { extensions: unknown }>({
  cluster: ['cluster', text],
  user: ['user', text],
  namespace: ['namespace', text],
  extensions: ['extensions', extensions],
})

const CONFIG = struct<ConfigFile & { preferences: unknown; extensions: unknown }>({
  kind: ['kind', text],
  apiVersion: ['apiVersion', text],
  currentContext: ['current-context', text],
  clusters: ['clusters', named('cluster', CLUSTER)],
  users: ['users', named('user', USER)],
  contexts: ['contexts', named('context', CONTEXT)],
  preferences: [
    'preferences',
    struct<{ colors: boolean; extensions: unknown }>({
      colors: ['colors', flag],
      extensions: ['extensions', extensions],
    }),
  ],
  extensions: ['extensions', extensions],
})

/**
 * The typed content of a kubeconfig, decoded as kubectl decodes it: a value of another type makes the whole file invalid.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`; the message names the place, and quotes no value from the file
 */
export function decodeConfig({ value, lineOf }: GoYaml, file: string): ConfigFile {
  try {
    const config = CONFIG(value, [])
    for (const [key, expected, accepted] of [
      ['kind', 'Config', ['', 'Config']],
      ['apiVersion', 'v1', V1],
    ] as const) {
      const found = caseInsensitive(value, key)
      if (!accepted.some((name) => name === found)) {
        throw new TypeMismatch(
          [key],
          `is not ${expected}, so kubectl does not load the file`,
          `set ${key}: ${expected}`,
        )
      }
    }
    return config
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error
    const { path, message, remedy = 'correct the value' } = error
    throw new EksTokenError('ERR_KUBECONFIG', `${file}:${lineOf(path)} ${describePath(path)} ${message}`, {
      cause: error,
      remedy,
    })
  }
}

/**
 * Version v1 without a group, which is also the default.
 * https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/runtime/schema/group_version.go (ParseGroupVersion)
 */
const V1 = ['', '/', 'v1', '/v1'] as const

/** kubectl reads these two before the others, whatever the case of their names. */
function caseInsensitive(value: unknown, key: string): unknown {
  const keys = Object.keys(value ?? {}).filter((name) => name.toLowerCase() === key.toLowerCase())
  const values = keys.sort().map((name) => (value as Record<string, unknown>)[name])
  return values.findLast((item) => item !== null) ?? ''
}

function describePath(path: Path): string {
  if (path.length === 0) return 'the content'
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}
