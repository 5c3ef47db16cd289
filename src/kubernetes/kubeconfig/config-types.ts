import { EksTokenError } from '../../errors.ts'
import { isRecord } from '../../json.ts'
import { goBase64 } from './go-scalar.ts'
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

type Path = readonly (string | number)[]
type Decode<T> = (value: unknown, path: Path) => T

class TypeMismatch extends Error {
  readonly path: Path
  readonly remedy: string | undefined

  constructor(path: Path, message: string, remedy?: string) {
    super(message)
    this.path = path
    this.remedy = remedy
  }
}

const text: Decode<string> = (value, path) => {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  throw new TypeMismatch(
    path,
    `is ${kindOf(value)}, but kubectl requires a string`,
    isScalar(value) ? 'put the value in quotes' : undefined,
  )
}

const flag: Decode<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value
  if (value === null || value === undefined) return false
  throw new TypeMismatch(
    path,
    `is ${kindOf(value)}, but kubectl requires true or false`,
    'write true or false, without quotes',
  )
}

/** Go reads bytes from base64, and from a list of their numbers, in which null is 0. */
const bytes: Decode<Buffer> = (value, path) => {
  if (Array.isArray(value)) return Buffer.from(value.map((item, index) => byte(item, [...path, index])))
  const decoded = goBase64(text(value, path))
  if (decoded) return decoded
  throw new TypeMismatch(path, 'is not valid base64')
}

const byte: Decode<number> = (value, path) => {
  if (value === null) return 0
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw new TypeMismatch(path, 'is not a byte (a number from 0 to 255)')
}

const anything: Decode<unknown> = (value) => value ?? null

function list<T>(item: Decode<T>): Decode<readonly T[]> {
  return (value, path) => {
    if (value === null || value === undefined) return []
    if (!Array.isArray(value)) throw new TypeMismatch(path, `is ${kindOf(value)}, but kubectl requires a list`)
    return value.map((element, index) => item(element, [...path, index]))
  }
}

function object(value: unknown, path: Path): Readonly<Record<string, unknown>> {
  if (value === null || value === undefined) return {}
  if (isRecord(value)) return value
  throw new TypeMismatch(path, `is ${kindOf(value)}, but kubectl requires a map`)
}

function struct<T>(fields: { readonly [Key in keyof T]-?: readonly [key: string, decode: Decode<T[Key]>] }): Decode<T> {
  return (value, path) => {
    const values = object(value, path)
    const entries = Object.entries<readonly [string, Decode<unknown>]>(fields).map(([name, [key, decode]]) => [
      name,
      decode(Object.hasOwn(values, key) ? values[key] : undefined, [...path, key]),
    ])
    return Object.fromEntries(entries) as T
  }
}

function optional<T>(decode: Decode<T>): Decode<T | undefined> {
  return (value, path) => (value === null || value === undefined ? undefined : decode(value, path))
}

function record<T>(decode: Decode<T>): Decode<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(object(value, path)).map(([key, item]) => [key, decode(item, [...path, key])]))
}

/** A list of entries with names, which must differ. */
function named<T>(key: string, decode: Decode<T>): Decode<ReadonlyMap<string, T>> {
  const entries = list(struct<{ name: string; value: T }>({ name: ['name', text], value: [key, decode] }))
  return (value, path) => {
    const map = new Map<string, T>()
    for (const [index, entry] of entries(value, path).entries()) {
      // As kubectl does: an entry without a value can be repeated.
      if (map.has(entry.name) && map.get(entry.name) !== null) {
        throw new TypeMismatch(
          [...path, index],
          `has the same name as an earlier ${key}, which kubectl rejects`,
          'remove or rename one of them',
        )
      }
      map.set(entry.name, entry.value)
    }
    return map
  }
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

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`
}
