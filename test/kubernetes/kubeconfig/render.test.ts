import { expect, test } from 'vitest'
import { renderBlock, renderFlow, renderScalar } from '../../../src/kubernetes/kubeconfig/render.ts'

const PLAIN = [
  'demo',
  '--region',
  'arn:aws:eks:eu-west-1:111122223333:cluster/demo',
  'https://A.gr7.eu-west-1.eks.amazonaws.com',
  'client.authentication.k8s.io/v1',
  'LS0tLS1CRUdJTg==',
  'user@host',
]
test.each(PLAIN)('%s is plain', (text) => expect(renderScalar(text)).toBe(text))

const QUOTED = [
  ...['y', 'N', 'yes', 'No', 'ON', 'off', 'true', 'False', 'null', '~', ''],
  ...[
    '123',
    '012',
    '0x1F',
    '0o14',
    '0b11',
    '1e3',
    '1_000',
    '+1',
    '-1',
    '.5',
    '.inf',
    '-.inf',
    '.nan',
    '1:30',
    '2020-01-01',
  ],
  ...[
    '<<',
    '=',
    '- x',
    'a: b',
    'a #b',
    ' a',
    'a ',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a',
    '---',
    '...',
    'a:',
    '{a}',
    '[a]',
    'a,b c',
  ],
  ...['two\nlines', 'a\tb', 'a\u2028b\u0085c\u00a0d', '\u202e', 'Grüße', '😀', '"quoted"', 'C:\\x'],
]
test.each(QUOTED)('%j is quoted', (text) => {
  expect(renderScalar(text)).toMatch(/^".*"$/)
  expect(JSON.parse(renderScalar(text))).toBe(text)
})

test('invisible characters and line breaks of YAML 1.1 are escaped', () => {
  expect(renderScalar('a\u2028\u0085\u00a0\u202e\ufeff')).toBe('"a\\u2028\\u0085\\u00a0\\u202e\\ufeff"')
})

test('block style, nested', () => {
  const value = { args: ['a', 'no'], env: [{ name: 'A', value: '' }], empty: [], none: null }
  expect(renderBlock({ exec: value }, { indent: '', lineBreak: '\n' })).toBe(`exec:
  args:
  - a
  - "no"
  env:
  - name: A
    value: ""
  empty: []
  none: null`)
})

test('JSON, in one line and indented', () => {
  const layout = { indent: '  ', lineBreak: '\n' }
  expect(renderFlow({ a: [1, 'x'], b: {} }, layout, undefined)).toBe('{"a": [1, "x"], "b": {}}')
  expect(renderFlow({ a: [1] }, layout, '  ')).toBe('{\n    "a": [\n      1\n    ]\n  }')
})
