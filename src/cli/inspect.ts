import { EksTokenError } from '../errors.ts'
import { MAX_TOKEN_BYTES } from '../token/token.ts'
import type { OwnCommand } from './commands.ts'

/** What a token says about itself. So far: its size. */
export const COMMAND: OwnCommand = {
  usage: '[TOKEN] [options]',
  description: 'Show what a token says about itself. Nothing is asked of anybody.',
  shares: [],
  options: [],
  maxWords: 1,
  footer: '',
  run: async ({ words: [token] }, _host, terminal) => {
    if (token === undefined) throw new EksTokenError('ERR_USAGE', 'inspect needs a TOKEN')
    terminal.out(`${Buffer.byteLength(token)} of ${MAX_TOKEN_BYTES} bytes\n`)
    return 0
  },
}
