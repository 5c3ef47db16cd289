import { PREFIX } from './token.ts'

/** A token as people have it at hand, and what it was found in. */
export interface ParsedTokenText {
  readonly token: string
  readonly found: 'token' | 'ExecCredential' | 'Authorization header'
}

/**
 * The token in a text: the token alone (also in the quotes of `--query status.token`), a whole ExecCredential as JSON,
 * an `Authorization: Bearer …` line, or the one word of a text that begins as a token does (the other output formats).
 * Anything else is taken for a token as it is, for the rules to say what is wrong with it.
 *
 * @returns undefined for a text without any
 */
export function parseTokenText(text: string): ParsedTokenText | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const json = readJson(trimmed)
  if (typeof json === 'string') return { token: json, found: 'token' }
  const status = member(json, 'status')
  const fromStatus = member(status, 'token') ?? member(json, 'token')
  if (typeof fromStatus === 'string') return { token: fromStatus, found: 'ExecCredential' }
  const bearer = /^(?:-H\s*)?["']?(?:authorization\s*:\s*)?bearer\s+([^\s"']+)["']?$/i.exec(trimmed)?.[1]
  if (bearer !== undefined) return { token: bearer, found: 'Authorization header' }
  const words = trimmed.split(/[\s"',]+/).filter((word) => word.startsWith(PREFIX))
  if (/\s/.test(trimmed) && words.length === 1) return { token: words[0] ?? '', found: 'ExecCredential' }
  return { token: trimmed, found: 'token' }
}

/** undefined: no JSON. */
function readJson(text: string): unknown {
  if (!/^[{"]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
