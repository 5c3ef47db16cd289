/** ISO 8601 with whole seconds, as AWS writes times. */
export function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** The access key that goes with a name, so that a test sees from a token whose credentials have signed it. */
export function accessKeyIdFor(name: string): string {
  const letters = name.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return `ASIA${letters}`.padEnd(20, '0').slice(0, 20)
}

/** Every secret follows from its access key: a test recomputes any signature without having been told a secret. */
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
