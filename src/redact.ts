/** Everything that hides secrets, and everything that makes text from outside safe to show. */

/** A longer text does not help to understand an error. */
const MAX_CHARACTERS = 2000

/**
 * C0 and C1 controls and DEL, except tab and line feed; the controls of bidirectional text, which make a terminal show
 * characters in another order (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters). Not a literal with
 * `\p{…}`: V8 builds the sets of those even where the function that has them never runs.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Text of a service, a file or another program, made safe to show. STS quotes the request in some refusals, so secrets in
 * it are removed, and control characters would reach the terminal of whoever reads the error.
 *
 * @param secrets - that were sent with the request
 */
export function sanitizeExternalText(text: string, secrets: readonly (string | undefined)[] = []): string {
  let safe = text
  for (const secret of secrets) {
    if (!secret) continue
    for (const form of [secret, encodeURIComponent(secret)]) safe = safe.replaceAll(form, '…')
  }
  safe = safe
    .replace(/(Signature\s*[=:]\s*)[^\s,&'"]+/gi, '$1…')
    .replace(/(security-token\s*[=:]\s*)[^\s,&'"]+/gi, '$1…')
    .replace(UNSAFE, ' ')
  return safe.length > MAX_CHARACTERS ? `${safe.slice(0, MAX_CHARACTERS)}…` : safe
}

/**
 * A URL without user, password and query, any of which may hold a key. A password may contain a slash, a question mark or
 * a second @, so everything up to the last @ is removed first.
 */
export function redactUrl(url: string): string {
  return url.replace(/^([^:/?#]+:)?(\/\/)?[\s\S]*@/, '$1$2').replace(/[?#][\s\S]*$/, '')
}

/** A command-line argument as an error quotes it: a misplaced one may be a token, or a part of one. */
export function redactArgument(argument: string): string {
  if (/^-*k8s-aws-v1\./.test(argument)) return 'k8s-aws-v1.…'
  return argument.length > 60 ? `${argument.slice(0, 40)}…` : argument
}

/** The file name of a program; cut off at a blank or `=`, after which a misplaced secret may begin (`TOKEN=…`). */
export function redactCommand(program: string): string {
  return program
    .slice(program.lastIndexOf('/') + 1)
    .replace(/[=\s][\s\S]*$/, '…')
    .slice(0, 80)
}

/** A section or key of a config file is quoted only where it looks like a name: a misplaced line may be a secret. */
export function quoteConfigName(name: string): string {
  return /^(profile |sso-session |services )?[\w.@-]{1,40}$/.test(name) ? `"${name}"` : '(hidden: not a valid name)'
}

/**
 * Text from inside a token, chosen by whoever made the token. Characters other than printable ASCII are escaped, so that
 * look-alike letters are visible and terminals do not obey; long text is cut, so that no misplaced secret is whole.
 */
export function quoteUntrusted(text: string, maxLength = 60): string {
  const plain = escapeNonAscii(text)
  return `"${plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain}"`
}

/** The name of a token's parameter, shown only where it looks like a name. */
export function redactParameterName(name: string): string {
  return /^[A-Za-z][\w.-]{0,39}$/.test(name) ? name : '(hidden name)'
}

/** AWS makes access key ids of upper-case letters and digits; a misplaced secret access key has other characters too. */
export function redactKeyId(accessKeyId: string): string {
  return /^[A-Z0-9]{1,32}$/.test(accessKeyId) ? accessKeyId : '(hidden: not a valid access key id)'
}

/** Escapes everything but printable ASCII as JSON and Python do, by UTF-16 unit. */
export function escapeNonAscii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
