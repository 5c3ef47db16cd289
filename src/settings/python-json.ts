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
