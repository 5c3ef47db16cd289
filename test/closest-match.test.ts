import { expect, test } from 'vitest'
import { closestMatch } from '../src/closest-match.ts'

test.each<[string, string[], string | undefined]>([
  ['c', ['a'], undefined],
  ['c', ['C'], 'C'],
  ['c', ['ca'], 'ca'],
  ['ab', ['xy'], undefined],
  ['ab', ['ac'], 'ac'],
  ['prd', ['prod', 'dev'], 'prod'],
  ['x', [], undefined],
])('the name that %j means among %j is %s', (word, names, expected) => expect(closestMatch(word, names)).toBe(expected))
