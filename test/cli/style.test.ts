import { expect, test } from 'vitest'
import { wrapText } from '../../src/cli/style.ts'

test.each([
  ['', 10, ['']],
  ['a b', 10, ['a b']],
  ['aaaa bbbb cccc', 9, ['aaaa bbbb', 'cccc']],
  ['aaaaaaaaaaaa b', 5, ['aaaaaaaaaaaa', 'b']],
  ['a\nb', 10, ['a', 'b']],
  ['- aaaa bbbb', 7, ['- aaaa', '  bbbb']],
])('%j is wrapped to %i columns', (text, width, lines) => expect(wrapText(text, width)).toEqual(lines))
