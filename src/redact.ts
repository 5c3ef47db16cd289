/** Everything that hides secrets, or makes external text safe to print. */

/** Longer text does not help to understand an error. */
const MAX_CHARACTERS = 2000

/**
 * C0 and C1 control characters and DEL, except tab and line feed; and bidirectional formatting characters, which make a
 * terminal reorder text (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters). `\p{…}` is not used,
 * because V8 builds its character sets even if the expression is never evaluated.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: matching control characters is the purpose
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Makes text from a service, a file or another program safe to print: removes secrets, because STS quotes requests in some
 * error messages, and control characters, which would reach the user's terminal.
 *
 * @param secrets - the secrets in the request that the text responds to
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
 * A URL without user name, password, query and fragment, which may contain secrets. A password may contain a slash, a
 * question mark or another @, so everything up to the last @ is removed first.
 */
export function redactUrl(url: string): string {
  return url.replace(/^([^:/?#]+:)?(\/\/)?[\s\S]*@/, '$1$2').replace(/[?#][\s\S]*$/, '')
}

/** A command-line argument for an error message: a misplaced one may be a token or a part of one. */
export function redactArgument(argument: string): string {
  if (/^-*k8s-aws-v1\./.test(argument)) return 'k8s-aws-v1.…'
  return argument.length > 60 ? `${argument.slice(0, 40)}…` : argument
}

/** The file name of a program, up to a space or `=`, after which a misplaced secret may follow (`TOKEN=…`). */
export function redactCommand(program: string): string {
  return program
    .slice(program.lastIndexOf('/') + 1)
    .replace(/[=\s][\s\S]*$/, '…')
    .slice(0, 80)
}

/** A section or key of a config file, if it looks like a name: a misplaced line may be a secret. */
export function quoteConfigName(name: string): string {
  return /^(profile |sso-session |services )?[\w.@-]{1,40}$/.test(name) ? `"${name}"` : '(hidden: not a valid name)'
}

/**
 * Quotes untrusted text, such as a part of a token. Characters other than printable ASCII are escaped, so that look-alike
 * letters are visible and terminals are not controlled; long text is truncated, so that a misplaced secret is incomplete.
 */
export function quoteUntrusted(text: string, maxLength = 60): string {
  const plain = escapeNonAscii(text)
  return `"${plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain}"`
}

/** The name of a URL parameter, if it looks like a name. */
export function redactParameterName(name: string): string {
  return /^[A-Za-z][\w.-]{0,39}$/.test(name) ? name : '(hidden name)'
}

/** An access key id, if it is valid: upper-case letters and digits. A misplaced secret access key also has others. */
export function redactKeyId(accessKeyId: string): string {
  return /^[A-Z0-9]{1,32}$/.test(accessKeyId) ? accessKeyId : '(hidden: not a valid access key id)'
}

/** Escapes everything except printable ASCII as JSON does, one escape per UTF-16 code unit. */
export function escapeNonAscii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
