import type { TokenUrl } from './token-url.ts'

/** The first parameter with a name, case-insensitively; `name` is in lower case. */
export function parameterOf({ parameters }: TokenUrl, name: string): string | undefined {
  return parameters?.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
}

/** Parses `yyyymmddThhmmssZ`; undefined for anything else, including dates that do not exist. */
export function parseAmzDate(text: string): Date | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined
  const iso = text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6.000Z')
  const date = new Date(iso)
  // Date accepts 31 February as 3 March; such a date does not survive the round trip.
  return Number.isNaN(date.getTime()) || date.toISOString() !== iso ? undefined : date
}

/** The parts of X-Amz-Credential; a missing part is empty. */
export interface Scope {
  readonly accessKeyId: string
  /** `yyyymmdd` */
  readonly day: string
  readonly region: string
  readonly service: string
  /** `aws4_request` in a valid scope. */
  readonly terminator: string
}

export function parseScope(token: TokenUrl): Scope | undefined {
  const text = parameterOf(token, 'x-amz-credential')
  if (text === undefined) return undefined
  // An access key id contains no slash, so a longer list is not a valid scope.
  const parts = text.split('/')
  const [day = '', region = '', service = '', terminator = ''] = parts.slice(1)
  return { accessKeyId: parts[0] ?? '', day, region, service, terminator: parts.length > 5 ? '' : terminator }
}
