import { escapeNonAscii } from '../redact.ts'

/**
 * JSON as Python, and so the AWS CLI, reads it: NaN, Infinity and -Infinity are numbers there.
 * https://docs.python.org/3.11/library/json.html#infinite-and-nan-number-values
 *
 * @throws SyntaxError for what is no JSON
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error
    // A string, also one that never ends, is passed over as a whole; outside of them the words can only be numbers, and
    // must stand alone.
    const plain = text.replace(/"(?:[^"\\]|\\[\s\S])*(?:"|$)|(?<![\w.+-])(?:-?Infinity|NaN)(?![\w.+-])/g, (match) =>
      match.startsWith('"') ? match : '0',
    )
    return JSON.parse(plain)
  }
}

/**
 * Python's `json.dumps` with sorted keys; members that are undefined are left out.
 *
 * @param comma - between members
 * @param colon - between key and value
 */
export function pythonJson(
  members: Readonly<Record<string, string | number | undefined>>,
  comma = ', ',
  colon = ': ',
): string {
  const texts = Object.keys(members)
    .sort()
    .filter((key) => members[key] !== undefined)
    .map((key) => `"${key}"${colon}${JSON.stringify(members[key])}`)
  return escapeNonAscii(`{${texts.join(comma)}}`)
}
