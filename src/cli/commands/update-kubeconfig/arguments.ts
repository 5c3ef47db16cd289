import { EksTokenError, ERRORS, isEksTokenError } from '../../../errors.ts'
import { type ParsedArguments, parseKnown } from '../../args/argparse.ts'
import { rejectUnknown } from '../../args/aws-arguments.ts'
import { OPTIONS } from '../../args/options.ts'
import { UPDATE_OPTIONS } from './options.ts'

const KNOWN_OPTIONS = [...OPTIONS.filter(({ level }) => level === 'global'), ...UPDATE_OPTIONS]
const HELP_HINT = { remedy: "run 'eks-get-token update-kubeconfig --help' for the options" }

/**
 * @returns option name → value, or true for a flag
 * @throws EksTokenError `ERR_USAGE`
 */
export function parseUpdateArguments(words: readonly string[]): ParsedArguments['values'] {
  const own = withHelpHint(() => parseKnown(words, { options: UPDATE_OPTIONS }))
  checkCombination(own)
  rejectUnknown(own.rest, KNOWN_OPTIONS)
  return own.values
}

/** The default hint for a usage error is the help of get-token. */
function withHelpHint<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!isEksTokenError(error) || error.remedy !== ERRORS.ERR_USAGE.remedy) throw error
    throw new EksTokenError('ERR_USAGE', error.message, { cause: error, ...HELP_HINT })
  }
}

/** @throws EksTokenError `ERR_USAGE` */
function checkCombination({ values, rest: [word] }: ParsedArguments): void {
  if (!values.has('all')) {
    if (values.has('name')) return
    // The name may be in the words that are not known: `--cluster-name demo`, or `demo` alone.
    const mistyped = word === undefined ? undefined : { word, candidates: KNOWN_OPTIONS.map(({ name }) => `--${name}`) }
    const message = 'the following arguments are required: --name'
    throw new EksTokenError('ERR_USAGE', message, { ...HELP_HINT, mistyped })
  }
  const single = ['name', 'alias', 'user-alias', 'cluster-alias'].find((name) => values.has(name))
  if (single) throw new EksTokenError('ERR_USAGE', `--all cannot be combined with --${single}`, HELP_HINT)
}
