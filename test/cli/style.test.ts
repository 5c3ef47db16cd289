import { describe, expect, test } from 'vitest'
import { statusRow, wrapText } from '../../src/cli/style.ts'
import { padToWidth, textWidth, truncateMiddle } from '../../src/cli/text-width.ts'

test.each([
  ['', 10, ['']],
  ['a b', 10, ['a b']],
  ['aaaa bbbb cccc', 9, ['aaaa bbbb', 'cccc']],
  ['aaaaaaaaaaaa b', 5, ['aaaaaaaaaaaa', 'b']],
  ['a\nb', 10, ['a', 'b']],
  ['- aaaa bbbb', 7, ['- aaaa', '  bbbb']],
  ['字字 字字', 8, ['字字', '字字']],
])('%j is wrapped to %i columns', (text, width, lines) => expect(wrapText(text, width)).toEqual(lines))

describe('a command in a text is not broken', () => {
  test.each([
    ["run 'aws sso login --profile a' again", ['run', "'aws sso login --profile a'", 'again']],
    ["a b 'eks-get-token login', or c", ['a b', "'eks-get-token login',", 'or c']],
    ["('kubectl get pods -A')", ["('kubectl get pods -A')"]],
    ["did you mean 'eks-get-token --name a'?", ['did you mean', "'eks-get-token --name a'?"]],
    ['run: eks-get-token inspect --cluster-name a', ['run:', 'eks-get-token inspect --cluster-name a']],
    ["x: AWS_PROFILE='a b' eks-get-token inspect", ['x:', "AWS_PROFILE='a b' eks-get-token inspect"]],
    [
      "run: eks-get-token login --profile 'a (b)' (or: aws sso login --profile a; or this)",
      ['run:', "eks-get-token login --profile 'a (b)'", '(or:', 'aws sso login --profile a;', 'or this)'],
    ],
    [
      'run: eks-get-token login --profile "it\'s (b)" (with A set to b)',
      ['run:', 'eks-get-token login --profile "it\'s (b)"', '(with A set to', 'b)'],
    ],
    ['x: kubectl does not run aws', ['x: kubectl', 'does not run', 'aws']],
    ['run: kubectl get pods -A', ['run:', 'kubectl get pods -A']],
    ["the cluster's name and aws's own", ["the cluster's", "name and aws's", 'own']],
    ["'aws' is not a command", ["'aws' is not a", 'command']],
  ])('%j', (text, lines) => expect(wrapText(text, 14)).toEqual(lines))
})

describe('the width of a text on a terminal', () => {
  test.each([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['…', 1],
    ['👩‍💻', 2],
    ['✔\ufe0f', 2],
    ['', 0],
  ])('of %j is %i', (text, width) => expect(textWidth(text)).toBe(width))
  test('is filled with spaces', () => expect(padToWidth('日本', 6)).toBe('日本  '))
  test.each([
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghij', 7, 'abc…hij'],
    ['abcdefghij', 6, 'abc…ij'],
    ['日本日本日本', 7, '日本…本'],
  ])('the middle of %j is left out for %i columns', (text, width, shown) => {
    expect(truncateMiddle(text, width)).toBe(shown)
    expect(textWidth(shown)).toBeLessThanOrEqual(width)
  })
})

describe('a row with a status', () => {
  const style = { width: 30, bold: String, dim: String, colorize: (_: string, text: string) => text }
  const row = (name: string, text: string) => statusRow({ status: 'ok', label: 'ok', name, text }, 6, style)
  test.each([
    ['short', 'aaaa bbbb cccc', '  ok    short   aaaa bbbb cccc\n'],
    ['日本', 'a', '  ok    日本    a\n'],
    ['longer-name', 'aaaa bbbb', '  ok    longer-name\n                aaaa bbbb\n'],
    ['x'.repeat(30), 'a', '  ok    xxxxxxxxxxx…xxxxxxxxxx\n                a\n'],
  ])('named %s', (name, text, expected) => expect(row(name, text)).toBe(expected))
})
