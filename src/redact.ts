/** Everything that hides secrets, and everything that makes external text safe to print. */
import { MAX_SEARCHED_CHARACTERS, redactSecrets } from './redact-secrets.ts'
import { MIN_RUN } from './secret-patterns.ts'

/** A longer text does not help to understand an error. */
const MAX_CHARACTERS = 2000

/**
 * C0 and C1 controls and DEL, except tab and line feed; and the controls of bidirectional text, which change the order in
 * which a terminal shows characters (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters). Not written
 * with `\p{…}`: V8 builds those sets even where the function is never called.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Text of a service, a file or another program, made safe to print: without control characters, signatures and secrets. AWS
 * services quote the request in some error messages, codes included.
 *
 * @param secrets - the secrets that were sent with the request; removed in whole and in part, in any of the encodings that
 *   {@link redactSecrets} decodes
 */
export function sanitizeExternalText(text: string, secrets: readonly (string | undefined)[] = []): string {
  const safe = redactSecrets(text, secrets)
    .replace(/(Signature\s*[=:]\s*)[^\s,&'"]+/gi, '$1…')
    .replace(/(security-token\s*[=:]\s*)[^\s,&'"]+/gi, '$1…')
    .replace(UNSAFE, ' ')
  return safe.length > MAX_CHARACTERS ? `${safe.slice(0, MAX_CHARACTERS)}…` : safe
}

/**
 * A URL without user information, query and fragment, any of which may hold a secret. A password may contain a slash, a
 * question mark or a second @, so everything up to the last @ is removed first. Of a value with line breaks, which
 * continues on indented lines of a config file, only the first line is kept.
 */
export function redactUrl(url: string): string {
  const [line = '', ...otherLines] = url.split(LINE_BREAK)
  const scheme = /^([^:/?#]+:)?(\/\/)?/.exec(line)?.[0] ?? ''
  if (otherLines.length > 0 && !/^[\w.-]*(:\d+)?([/?#]|$)/.test(line.slice(scheme.length))) return `${scheme}…`
  return line
    .replace(/^(([^:/?#]+:)?\/\/)?[\s\S]*@/, '$1')
    .replace(/[?#][\s\S]*$/, '')
    .replace(UNSAFE, ' ')
}

const LINE_BREAK = /[\r\n\u2028\u2029]/

/** A key of a secret with its value. */
const SECRET_KEY = /(secret_?access_?key|session_?token|security_?token|password)["']?\s*[=:][\s\S]*/i

/** A token for a cluster, also without the start of its prefix or without the prefix (`aHR0c` encodes `http`). */
const CLUSTER_TOKEN = /(k8s-aws-v1\.)[\w%+/=-]*|(?<![A-Za-z\d])aHR0c[\w+/=-]{12,}/g

/** A session token; all of them begin with the same bytes. */
const SESSION_TOKEN = /(?:IQoJ|F[wQ]oGZXIv)[\w+/=%-]{8,}/g

/** https://www.rfc-editor.org/rfc/rfc7519 */
const JSON_WEB_TOKEN = /(?<![\w-])eyJ[\w-]{8,}\.[\w.-]+/g

/** The query of a presigned URL. */
const SIGNED_QUERY = /\?[^\s'"?]*X-Amz-[^\s'"]*/gi

/** A secret access key has 40 characters of Base64; other secrets are longer. */
const BASE64_TEXT = /[\w+/-]{40,}={0,2}/g

/** Longer than a SHA-256 digest: hex, or Base32, of a secret access key or of a longer secret. */
const HEX_OR_BASE32 = /\b(?:[\da-f]{72,}|[\dA-F]{72,}|[A-Z2-7]{60,}=*)(?![\w-])/g

/** A URL or an ARN. */
const NAMED_RESOURCE = /^(?:https?:\/\/[^@]*|arn:[^@=]*)$/

/**
 * Replaces by `…` what looks like a secret: tokens, session tokens, 40 characters of Base64 with letters in both cases and
 * digits, longer random Base64, and hex and Base32 of such a length. Names, ARNs, URLs and paths are kept. A user who confuses two options may have typed a
 * secret in place of a name.
 */
export function redactLikelySecrets(text: string): string {
  return text
    .slice(0, MAX_SEARCHED_CHARACTERS)
    .replace(CLUSTER_TOKEN, (_, prefix = '') => `${prefix}…`)
    .replace(SESSION_TOKEN, '…')
    .replace(JSON_WEB_TOKEN, '…')
    .replace(HEX_OR_BASE32, '…')
    .replace(SIGNED_QUERY, '?…')
    .replace(/[^\s'"`,;()]+/g, (word) =>
      word.length < 40 || NAMED_RESOURCE.test(word)
        ? word
        : word.replace(BASE64_TEXT, (run) => (isLikelySecret(run) ? '…' : run)),
    )
}

function isLikelySecret(run: string): boolean {
  // The slashes of `file://` are not the start of a path.
  const text = run.replace(/^\/\//, '')
  const words = text.split(/[^A-Za-z\d]/)
  return text.split(/[_-]/).some(isLikelyKey) || words.some((word) => word.length >= 16 && isRandom(word))
}

/** 40 characters of Base64, or more that are no words; what begins with a slash is a path. */
function isLikelyKey(text: string): boolean {
  if (text.length < 40 || text.startsWith('/') || !/\d/.test(text)) return false
  return text.length === 40 ? hasBothCases(text) : isRandom(text)
}

/** Words are longer than the runs of lower case, upper case and digits in random text. */
function isRandom(text: string): boolean {
  const words = text.match(/[A-Z]*[a-z]+|[A-Z]+|\d+/g) ?? []
  return hasBothCases(text) && words.length * 3.4 > text.length
}

function hasBothCases(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text)
}

/**
 * A value of a config file, a variable or an option as a message shows it, without quotes. An indented line below a key
 * continues its value, and may be a secret of another key, so only the first line is kept; what looks like a secret in it is
 * replaced, and so are control characters.
 */
export function redactValue(value: string): string {
  const [line = '', ...otherLines] = value.split(LINE_BREAK)
  const safe = redactLikelySecrets(line.replace(SECRET_KEY, '$1=…')).replace(UNSAFE, ' ')
  const shown = safe.length > MAX_VALUE_CHARACTERS ? safe.slice(0, MAX_VALUE_CHARACTERS) : safe
  return otherLines.length > 0 || shown.length < safe.length ? `${shown.trimEnd()}…` : shown
}

/** As long as the longest role ARN that is common. */
const MAX_VALUE_CHARACTERS = 256

/** A command-line argument as an error quotes it: a misplaced one may be a token, or a part of one. */
export function redactArgument(argument: string): string {
  const value = redactValue(argument)
  return value.length > 60 ? `${value.slice(0, 40)}…` : value
}

/**
 * One line for the terminal, whatever it quotes: line breaks and control characters are replaced by spaces, so that no value
 * can start a line of its own; secrets are removed, and very long words shortened.
 *
 * @param secrets - removed as a whole; what looks like a secret is removed in any case
 */
export function sanitizeLine(text: string, secrets: readonly (string | undefined)[] = []): string {
  let line = text.slice(0, MAX_SEARCHED_CHARACTERS)
  for (const secret of secrets) {
    if (secret && secret.length >= MIN_RUN) line = line.replaceAll(secret, '…')
  }
  const safe = redactLikelySecrets(line)
    .split(LINE_BREAK)
    .map((part, index) => (index === 0 ? part.trimEnd() : part.trim()))
    .filter((part) => part !== '')
    .join(' ')
    .replace(UNSAFE, ' ')
    .replace(LONG_WORD, '$1…')
  return safe.length > MAX_LINE_CHARACTERS ? `${safe.slice(0, MAX_LINE_CHARACTERS)}…` : safe
}

const LONG_WORD = /(\S{256})\S{256,}/g
const MAX_LINE_CHARACTERS = 4000

/** JSON in which DEL, C1 and bidi controls are escaped too, which JSON itself does not require. */
export function escapeControlsInJson(json: string): string {
  return json.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Text without control characters, except tab and line feed. */
export function replaceControls(text: string): string {
  return text.replace(UNSAFE, ' ')
}

/** The file name of a program; cut off at a space or `=`, after which a misplaced secret may start (`TOKEN=…`). */
export function redactCommand(program: string): string {
  return program
    .slice(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1)
    .replace(/[=\s][\s\S]*$/, '…')
    .replace(UNSAFE, ' ')
    .slice(0, 80)
}

/** The command of an exec block; cut off at `=`, after which a misplaced secret may start (`TOKEN=… aws`). */
export function redactExecCommand(command: string): string {
  return redactValue(command).replace(/=[\s\S]*$/, '=…')
}

/** A section or key of a config file, quoted only if it looks like a name: a misplaced line may be a secret. */
export function quoteConfigName(name: string): string {
  return /^(profile |sso-session |services )?[\w.@-]{1,40}$/.test(name) ? `"${name}"` : '(hidden: not a valid name)'
}

/**
 * Text from inside a token, chosen by its creator. Characters other than printable ASCII are escaped, so that look-alike
 * letters are visible and control sequences have no effect; long text is truncated, so that no misplaced secret is complete.
 */
export function quoteUntrusted(text: string, maxLength = 60): string {
  const plain = escapeNonAscii(redactLikelySecrets(text))
  return `"${plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain}"`
}

/** The name of a token's query parameter, if it looks like a name. */
export function redactParameterName(name: string): string {
  return /^[A-Za-z][\w.-]{0,39}$/.test(name) && !isLikelySecret(name) ? name : '(hidden name)'
}

/** AWS access key ids consist of upper-case letters and digits; a misplaced secret access key has other characters. */
export function redactKeyId(accessKeyId: string): string {
  return /^[A-Z0-9]{1,32}$/.test(accessKeyId) ? accessKeyId : '(hidden: not a valid access key id)'
}

/** Escapes everything but printable ASCII as JSON and Python do, by UTF-16 code unit. */
export function escapeNonAscii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
