import type { TokenUrl } from './token-url.ts'

/** The first parameter of that name, which is given in lower case. */
export function parameterOf({ parameters }: TokenUrl, name: string): string | undefined {
  return parameters?.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
}

/** `yyyymmddThhmmssZ`; undefined for anything else, also for a day that no calendar has. */
export function parseAmzDate(text: string): Date | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined
  const iso = text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6.000Z')
  const date = new Date(iso)
  // 31 February would be 3 March: what goes in has to come out.
  return Number.isNaN(date.getTime()) || date.toISOString() !== iso ? undefined : date
}

/** X-Amz-Credential in its parts, each empty where it is missing. */
export interface Scope {
  readonly accessKeyId: string
  /** yyyymmdd */
  readonly day: string
  readonly region: string
  readonly service: string
  readonly end: string
}

export function parseScope(token: TokenUrl): Scope | undefined {
  const text = parameterOf(token, 'x-amz-credential')
  if (text === undefined) return undefined
  // An access key id has no slash in it; the last four parts are the scope, should one have.
  const parts = text.split('/')
  const [day = '', region = '', service = '', end = ''] = parts.slice(1)
  return { accessKeyId: parts[0] ?? '', day, region, service, end: parts.length > 5 ? '' : end }
}
