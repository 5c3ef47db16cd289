import { createHash, createPrivateKey, createPublicKey, randomUUID, webcrypto } from 'node:crypto'
import { link, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'

/** PEM texts, as `https.createServer` takes them. */
export interface KeyAndCertificate {
  key: string
  cert: string
}

/** A certificate authority of the tests. */
export interface CertificateAuthority {
  /** Path of the PEM file to put into AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS. */
  file: string
  pem: string
  /** A leaf for these host names and addresses; the first one is its subject. */
  issue: (...hosts: [string, ...string[]]) => Promise<KeyAndCertificate>
  /** The same for `SNICallback`, one per host, made once. */
  secureContext: (host: string) => Promise<SecureContext>
  /** Removes its files, but for those of a run of the tests. */
  close: () => Promise<void>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

// Programs under test also run with a frozen clock (`faketime`); 2049 is the last year that every reader of X.509 takes the same way.
const VALID = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }

/**
 * The directory of the certificates of a run of the tests (global-setup.ts): the library that makes them takes half a second
 * to load, which only the first test file that needs one has to wait for.
 */
const SHARED = process.env.EKS_GET_TOKEN_TEST_CERTIFICATES
let authorities = 0

/**
 * Made in this process: the machines of those who run the tests need not have openssl. The n-th one of each test file is the
 * same one.
 */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const folder = SHARED ?? (await mkdtemp(join(tmpdir(), 'eks-get-token-ca-')))
  const name = join(folder, `ca-${authorities++}`)
  const file = `${name}.pem`
  const { key, certificate: pem, leafKey } = JSON.parse(await stored(`${name}.json`, createRoot)) as Root
  await stored(file, async () => pem)
  const issue: CertificateAuthority['issue'] = async (...hosts) => {
    const path = `${name}-${createHash('sha256').update(hosts.join()).digest('hex')}.pem`
    return { key: leafKey, cert: await stored(path, () => createLeaf({ key, certificate: pem, leafKey }, hosts)) }
  }

  const contexts = new Map<string, Promise<SecureContext>>()
  return {
    file,
    pem,
    issue,
    secureContext: (host) => {
      const name = host.toLowerCase()
      const context = contexts.get(name) ?? issue(name).then(createSecureContext)
      contexts.set(name, context)
      return context
    },
    close: async () => {
      if (folder !== SHARED) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Several processes may make the file at the same time: the first one wins. */
async function stored(path: string, make: () => Promise<string>): Promise<string> {
  const read = () => readFile(path, 'utf8').catch(() => undefined)
  const known = await read()
  if (known !== undefined) return known
  const temporary = `${path}.${process.pid}-${randomUUID()}`
  await writeFile(temporary, await make())
  await link(temporary, path).catch(() => {})
  await rm(temporary)
  return (await read()) ?? ''
}

/** PEM texts. One key for all leaves: what differs between hosts is the name, and names are all that is checked. */
interface Root {
  readonly key: string
  readonly certificate: string
  readonly leafKey: string
}

async function createRoot(): Promise<string> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...VALID,
    name: 'CN=eks-get-token test CA',
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const leaf = await generateKeys()
  const root: Root = {
    key: await privateKeyPem(keys.privateKey),
    certificate: certificate.toString('pem'),
    leafKey: await privateKeyPem(leaf.privateKey),
  }
  return JSON.stringify(root)
}

async function createLeaf(root: Root, hosts: readonly string[]): Promise<string> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(root.certificate)
  const certificate = await x509.X509CertificateGenerator.create({
    ...VALID,
    subject: [{ CN: [hosts[0] ?? ''] }],
    issuer: issuer.subject,
    publicKey: createPublicKey(root.leafKey).export({ type: 'spki', format: 'der' }),
    signingKey: await webcrypto.subtle.importKey('pkcs8', der(root.key), ALGORITHM, false, ['sign']),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }) as const),
      ),
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      // Python's ssl in its strict mode rejects a chain without it.
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return certificate.toString('pem')
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const exported = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: exported, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

function der(pem: string): Uint8Array {
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
}

/**
 * The library wants `Reflect.getMetadata` for its dependency injection, which nothing here uses; an empty result is
 * enough and saves a package. It has to be there before the library is loaded, hence no import at the top.
 */
async function loadX509() {
  const nothing = () => undefined
  if (!('getMetadata' in Reflect)) {
    Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing })
  }
  return import('@peculiar/x509')
}
