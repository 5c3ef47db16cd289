import { field, textField, tryParseJson } from '../json.ts'
import { PREFIX } from './token.ts'

/** A token and the kind of text that contained it. */
export interface ParsedTokenText {
  readonly token: string
  readonly kind: 'token' | 'ExecCredential' | 'Authorization header'
}

/**
 * The token in a text: the token alone (optionally quoted, as `--query status.token` prints it), an ExecCredential as JSON,
 * an `Authorization: Bearer …` line, or the only word that starts with the token prefix (the other output formats). Any
 * other text is returned as the token, so that the checks can say what is wrong with it.
 *
 * @returns undefined for an empty text
 */
export function parseTokenText(text: string): ParsedTokenText | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const json = /^[{"]/.test(trimmed) ? tryParseJson(trimmed) : undefined
  if (typeof json === 'string') return { token: json, kind: 'token' }
  const fromStatus = textField(field(json, 'status'), 'token') ?? textField(json, 'token')
  if (fromStatus !== undefined) return { token: fromStatus, kind: 'ExecCredential' }
  const bearer = /^(?:-H\s*)?["']?(?:authorization\s*:\s*)?bearer\s+([^\s"']+)["']?$/i.exec(trimmed)?.[1]
  if (bearer !== undefined) return { token: bearer, kind: 'Authorization header' }
  const words = trimmed.split(/[\s"',]+/).filter((word) => word.startsWith(PREFIX))
  if (/\s/.test(trimmed) && words.length === 1) return { token: words[0] ?? '', kind: 'ExecCredential' }
  return { token: trimmed, kind: 'token' }
}
