import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderYaml, renderYamlStream } from '../../../src/cli/output/yaml.ts'

describe('the style of a string is that of ruamel.yaml 0.17.21', () => {
  test.each([
    ['yes', 'yes'],
    ['No', 'No'],
    ['y', 'y'],
    ['12:30:45', '12:30:45'],
    ['2026-1-2', '2026-1-2'],
    ['v1beta1', 'v1beta1'],
    ['a:b#c', 'a:b#c'],
    ["it's", "it's"],
    ['-', "'-'"],
    ['True', "'True'"],
    ['~', "'~'"],
    ['', "''"],
    ['007', "'007'"],
    ['0b11', "'0b11'"],
    ['0o17', "'0o17'"],
    ['1_000', "'1_000'"],
    ['1.', "'1.'"],
    ['.5', "'.5'"],
    ['.inf', "'.inf'"],
    ['2026-01-02', "'2026-01-02'"],
    ['=', "'='"],
    ['<<', "'<<'"],
    ['%', "'%'"],
    ['---', "'---'"],
    ["it's: x", "'it''s: x'"],
    ["'", "''''"],
    ['"q"', `'"q"'`],
    ['a\nb', "'a\n\n  b'"],
    ['a\tb', '"a\\tb"'],
    ['a\n b', '"a\\n b"'],
    ['\u{1f600}', '"\\U0001F600"'],
    ['\ufeff', '"\\uFEFF"'],
    ['\x7f', '"\\x7F"'],
  ])('%j', (text, written) => expect(renderYamlStream(text)).toBe(`- ${written}\n`))
})

describe('the form of a number is that of Python', () => {
  test.each<[number | bigint, string]>([
    [1n, '1'],
    [12345678901234567890n, '12345678901234567890'],
    [1, '1.0'],
    [-0, '-0.0'],
    [1e16, '1e+16'],
    [1e-5, '1e-05'],
    [Number.POSITIVE_INFINITY, '.inf'],
    [Number.NEGATIVE_INFINITY, '-.inf'],
    [Number.NaN, '.nan'],
  ])('%s', (value, written) => expect(renderYamlStream(value)).toBe(`- ${written}\n`))
})

test('keys are sorted by code point', () => {
  expect(renderYaml({ '\u{1f600}': 1n, '\ufb01': 2n, b: 3n, Z: 4n, 1: 5n })).toBe(
    `'1': 5\nZ: 4\nb: 3\n\ufb01: 2\n"\\U0001F600": 1\n`,
  )
})

test('anchors are numbered in the order of the second occurrences, with three digits', () => {
  const lists = Array.from({ length: 10 }, (_, index) => [BigInt(index)])
  const lines = renderYaml([...lists, ...lists.toReversed()]).split('\n')
  expect(lines.slice(0, 2)).toEqual(['- &id010', '  - 0'])
  expect(lines.slice(-11)).toEqual([...Array.from({ length: 9 }, (_, index) => `- *id00${index + 1}`), '- *id010', ''])
})

test('an anchor comes before its alias when the keys are sorted', () => {
  const shared = { x: 1n }
  expect(renderYaml({ b: shared, a: shared })).toBe('a: &id001\n  x: 1\nb: *id001\n')
})

/** docs/differences.md */
describe('text that differs from the AWS CLI has the same value', () => {
  test.each([
    ['a long text stays on one line', 'lorem ipsum '.repeat(20)],
    ['a long text with line breaks', 'lorem ipsum \n'.repeat(20)],
    ['a space before a line break', 'a \nb'],
    ['other line breaks', 'a\u0085b\u2028c\u2029d\re'],
    ['control characters', '\0\x07\x1b\x1f'],
  ])('%s', (_title, text) => {
    const written = renderYaml({ [text]: [text] })
    expect(written.split('\n')).toHaveLength(3)
    expect(written).not.toMatch(/[^\n\x20-\x7e]/)
    expect(parse(written)).toEqual({ [text]: [text] })
  })
  test('a key of more than 128 bytes', () => {
    const key = 'k'.repeat(129)
    expect(renderYaml({ [key]: 1n })).toBe(`${key}: 1\n`)
  })
})
