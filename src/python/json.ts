import { escapeNonAscii } from '../redact.ts'

/**
 * Parses JSON as Python's `json.loads` does, which the AWS CLI uses: NaN, Infinity and -Infinity are numbers (here 0).
 * https://docs.python.org/3.11/library/json.html#infinite-and-nan-number-values
 *
 * @throws SyntaxError for invalid JSON
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error
    // Strings, unterminated ones included, are skipped. Outside of strings the words are numbers if no other character
    // of a literal is next to them.
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
