import { handOver } from './hand-over.ts'

/** What every parser of URLs agrees on: a DNS name, perhaps a port and a plain path. Those of EKS have upper-case letters. */
const PLAIN_URL = /^https:\/\/(?!.*xn--)([a-z0-9.-]*\.[a-z]+)(?::\d{1,4})?(?:\/[\w/-]*)?$/i

/** Node's `URL` for API servers; any other than a plain one is left to the full program. */
export class URL {
  readonly hostname: string

  constructor(text: string) {
    this.hostname =
      PLAIN_URL.exec(text)?.[1]?.toLowerCase() ?? handOver('the URL of the API server has an unusual form')
  }

  static canParse(text: string): boolean {
    return new URL(text).hostname !== ''
  }
}
