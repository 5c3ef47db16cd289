import { OPTIONS } from '../cli/args/options.ts'
import { EksTokenError } from '../errors.ts'
import { safeCause } from './safe-cause.ts'

/** Options of the command line, and those of the library that correspond to them. */
const NAMES = new Map(
  OPTIONS.flatMap((option) =>
    'set' in option && option.tokenOption ? [[`--${option.name}`, option.tokenOption] as const] : [],
  ),
)

/** Hints that only make sense for the command. */
const COMMAND_HINT = /'eks-get-token --help'/

/** A command of this program or of the AWS CLI, up to what follows it in a list, and anything in quotes. */
const COMMAND =
  /('[^']*'|\b(?:eks-get-token|aws) (?:--|cache|configure|doctor|eks|inspect|log|sso|update|verify)[^,;()]*)/

/** A text that names the library's options in place of the command's; commands keep theirs. */
export function translate(text: string): string {
  return text
    .split(COMMAND)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(OPTION, (word, name) => NAMES.get(name) ?? word)))
    .join('')
}

/** The same error for a caller of the library. */
export function inWordsOfLibrary(error: EksTokenError): EksTokenError {
  const { code, message, remedy = '', cause } = error
  const isForCommand = COMMAND_HINT.test(remedy)
  // A command to run keeps its options; --login is not an option of the library.
  const command = /^run: .*/.exec(remedy)?.[0].replace(/; or use --login auto[^)]*/, '')
  return new EksTokenError(code, translate(message), {
    cause: safeCause(cause),
    remedy: command ?? (isForCommand ? "see the options in the function's documentation" : translate(remedy)),
  })
}

/** With the placeholder of a value: `--timeout SECONDS`. */
const OPTION = /(--[a-z][a-z-]*[a-z])(?: [A-Z]+\b)?/g
