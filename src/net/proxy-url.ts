import { isRequestFailure, RequestFailure } from './request-failure.ts'

/** Python's unquote: a `%` that is not an escape stays. https://docs.python.org/3.11/library/urllib.parse.html#urllib.parse.unquote */
export function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString())
}

/** Until it has a connection, the only party is the proxy. */
export async function failAsProxy<T>(connection: Promise<T>): Promise<T> {
  try {
    return await connection
  } catch (error) {
    if (isRequestFailure(error)) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new RequestFailure('proxy', code ?? message, { code, cause: error })
  }
}
