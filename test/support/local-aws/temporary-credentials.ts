/** ISO 8601 with whole seconds, as AWS writes times. */
export function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** The access key id for a name, by which a test recognizes the credentials that signed a token. */
export function accessKeyIdFor(name: string): string {
  const letters = name.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return `ASIA${letters}`.padEnd(20, '0').slice(0, 20)
}

/** Every secret access key is derived from its access key id, so that a test can recompute any signature. */
export function secretFor(accessKeyId: string): string {
  return `secret-of-${accessKeyId}`
}

export interface TemporaryCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  expiration: string
}

export function temporaryCredentials(name: string, seconds = 3600): TemporaryCredentials {
  const accessKeyId = accessKeyIdFor(name)
  return {
    accessKeyId,
    secretAccessKey: secretFor(accessKeyId),
    // The characters that have to be encoded in a URL.
    sessionToken: `TOKEN/${name}+==`,
    expiration: isoSeconds(Date.now() + seconds * 1000),
  }
}
