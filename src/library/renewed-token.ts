import type { Token } from '../create-token.ts'

/** A token in memory that is renewed before it expires. */
export interface RenewedToken {
  /** @throws what `create` throws, unless the token in memory is still valid */
  readonly get: () => Promise<string>
  /** The token was rejected: the next call of `get` creates another one, unless that has happened since. */
  readonly reject: (token: string) => void
}

/** Longer than a request may take on its way, and than clocks usually differ. */
const RENEW_BEFORE_MS = 60_000

/**
 * Any number of concurrent calls wait for one and the same renewal.
 *
 * @param now - the clock of `expiresAt`
 */
export function renewedToken(create: () => Promise<Pick<Token, 'token' | 'expiresAt'>>, now: () => Date): RenewedToken {
  let current: Pick<Token, 'token' | 'expiresAt'> | undefined
  let renewal: Promise<string> | undefined
  const isValidFor = (milliseconds: number): boolean =>
    current !== undefined && current.expiresAt.getTime() - now().getTime() > milliseconds
  const renew = async (): Promise<string> => {
    try {
      current = await create()
    } catch (error) {
      if (!isValidFor(0)) throw error
    } finally {
      renewal = undefined
    }
    return (current as Pick<Token, 'token'>).token
  }
  return {
    get: () => {
      if (current && isValidFor(RENEW_BEFORE_MS)) return Promise.resolve(current.token)
      renewal ??= renew()
      return renewal
    },
    reject: (token) => {
      if (current?.token === token) current = undefined
    },
  }
}
