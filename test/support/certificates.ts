import { webcrypto } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'

/** PEM texts, as `https.createServer` takes them. */
export interface KeyAndCertificate {
  key: string
  cert: string
}

/** A certificate authority that lives as long as the test that made it. */
export interface CertificateAuthority {
  /** Path of the PEM file to put into AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS. */
  file: string
  pem: string
  /** A leaf for these host names and addresses; the first one is its subject. */
  issue: (...hosts: [string, ...string[]]) => Promise<KeyAndCertificate>
  /** The same for `SNICallback`, one per host, made once. */
  secureContext: (host: string) => Promise<SecureContext>
  /** Removes the PEM file. */
  close: () => Promise<void>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

// Programs under test also run with a frozen clock (`faketime`); 2049 is the last year that every reader of X.509 takes the same way.
const VALID = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }

/** Made in this process: the machines of those who run the tests need not have openssl. */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
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

  // One key for all leaves: what differs between hosts is the name, and names are all that is checked.
  const leaf = await generateKeys()
  const key = toPem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey))
  const issue: CertificateAuthority['issue'] = async (...hosts) => {
    const certificate = await x509.X509CertificateGenerator.create({
      ...VALID,
      subject: [{ CN: [hosts[0]] }],
      issuer: root.subject,
      publicKey: leaf.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }) as const),
        ),
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        // Python's ssl in its strict mode rejects a chain without it.
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return { key, cert: certificate.toString('pem') }
  }

  const folder = await mkdtemp(join(tmpdir(), 'eks-get-token-ca-'))
  const file = join(folder, 'ca.pem')
  const pem = root.toString('pem')
  await writeFile(file, pem)

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
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

function toPem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
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
