import { describe, expect, test } from 'vitest'
import { createKeyDecoder } from '../../src/cli/terminal-keys.ts'

/** The decoded keys as text: digits as they are, other keys in brackets. */
function decode(...chunks: readonly string[]): string {
  const decoder = createKeyDecoder()
  return chunks
    .flatMap((chunk) => decoder(chunk))
    .map((key) => (key.type === 'digit' ? key.digit : `[${key.type}]`))
    .join('')
}

describe('keys of a terminal in raw mode', () => {
  test.each([
    ['digits', ['123456\r'], '123456[submit]'],
    ['a line feed', ['1\n'], '1[submit]'],
    ['backspace and DEL', ['1\b\x7f'], '1[erase][erase]'],
    ['Ctrl-U', ['12\x15'], '12[clear]'],
    ['Ctrl-C, Ctrl-\\, Ctrl-Z, Ctrl-D', ['\x03\x1c\x1a\x04'], '[interrupt][quit][suspend][end-of-input]'],
    ['letters and spaces', ['a1 b2'], '12'],
    ['other control characters', ['\x001\x012\x07'], '12'],
    ['characters beyond ASCII', ['١1\u00e92'], '12'],
    ['an arrow key', ['1\x1b[A2'], '12'],
    ['an arrow key with modifiers', ['1\x1b[1;5C2'], '12'],
    ['an arrow key in application mode', ['1\x1bOB2'], '12'],
    ['a function key', ['1\x1b[15~2'], '12'],
    ['paste marks', ['\x1b[200~123\x1b[201~'], '123'],
    ['a sequence that is split between chunks', ['1\x1b', '[2', '00~2'], '12'],
    ['Alt and a letter', ['1\x1bb2'], '12'],
    ['a lone escape before a sequence', ['\x1b\x1b[A1'], '1'],
  ])('%s', (_title, chunks, expected) => expect(decode(...chunks)).toBe(expected))
})
