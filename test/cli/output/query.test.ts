import { describe, expect, test } from 'vitest'
import { compileQuery } from '../../../src/cli/output/query.ts'

const CREDENTIAL = {
  kind: 'ExecCredential',
  apiVersion: 'client.authentication.k8s.io/v1beta1',
  spec: {},
  status: { expirationTimestamp: '2026-01-02T03:18:05Z', token: 'k8s-aws-v1.aHR0cHM6Ly9zdHM' },
}

const asText = compileQuery('to_string(@)')

/** A list of the one result, as Python's json.dumps(separators=(',', ':')) writes it: 1 and 1.0 are apart. */
function resultOf(expression: string): unknown {
  return asText([compileQuery(expression)(CREDENTIAL)])
}

// Results of jmespath.py 1.0.1, the AWS CLI's, for the same value.
describe('fields and values', () => {
  test.each([
    ['kind', '["ExecCredential"]'],
    ['status.token', '["k8s-aws-v1.aHR0cHM6Ly9zdHM"]'],
    ['status.expirationTimestamp', '["2026-01-02T03:18:05Z"]'],
    ['"apiVersion"', '["client.authentication.k8s.io/v1beta1"]'],
    ['status.["token", token]', '[["k8s-aws-v1.aHR0cHM6Ly9zdHM","k8s-aws-v1.aHR0cHM6Ly9zdHM"]]'],
    ['nothing', '[null]'],
    ['status.nothing.more', '[null]'],
    ['[kind, apiVersion]', '[["ExecCredential","client.authentication.k8s.io/v1beta1"]]'],
    ['{kind: kind, token: status.token}', '[{"kind":"ExecCredential","token":"k8s-aws-v1.aHR0cHM6Ly9zdHM"}]'],
    [
      '*',
      '[["ExecCredential","client.authentication.k8s.io/v1beta1",{},{"expirationTimestamp":"2026-01-02T03:18:05Z","token":"k8s-aws-v1.aHR0cHM6Ly9zdHM"}]]',
    ],
    ['status.*', '[["2026-01-02T03:18:05Z","k8s-aws-v1.aHR0cHM6Ly9zdHM"]]'],
    ['keys(@)', '[["kind","apiVersion","spec","status"]]'],
    ['values(status)', '[["2026-01-02T03:18:05Z","k8s-aws-v1.aHR0cHM6Ly9zdHM"]]'],
    ['spec', '[{}]'],
    ['constructor', '[null]'],
    ['status.toString', '[null]'],
    ['@ | status | token', '["k8s-aws-v1.aHR0cHM6Ly9zdHM"]'],
    ['(@.status).token', '["k8s-aws-v1.aHR0cHM6Ly9zdHM"]'],
    ['length(@.kind)', '[14]'],
    ['{b: kind, "1": kind, a: kind}', '[{"b":"ExecCredential","1":"ExecCredential","a":"ExecCredential"}]'],
  ])('%s', (expression, expected) => expect(resultOf(expression)).toBe(expected))
})

describe('lists', () => {
  test.each([
    ['`[0, 1, 2, 3]`[1]', '[1]'],
    ['`[0, 1, 2, 3]`[-1]', '[3]'],
    ['`[0]`[9]', '[null]'],
    ['`[0, 1, 2, 3]`[1:3]', '[[1,2]]'],
    ['`[0, 1, 2, 3]`[::-1]', '[[3,2,1,0]]'],
    ['`[0, 1, 2, 3]`[-3:9:2]', '[[1,3]]'],
    ['`[0, 1, 2, 3]`[2:-9:-1]', '[[2,1,0]]'],
    ['`[[1, [2]], 3]`[]', '[[1,[2],3]]'],
    ['`[[1, [2]], 3]`[][]', '[[1,2,3]]'],
    ['`[{"a": [1, 2]}, {"a": [3]}, {}]`[*].a[0]', '[[1,3]]'],
    ['`[{"a": 1}, {"a": 2}]`[?a > `1`]', '[[{"a":2}]]'],
    ['`[{"a": 1}, {"a": null}]`[*].a', '[[1]]'],
    ['`[{"a": 1}, {"a": 2}]`[].{b: a}', '[[{"b":1},{"b":2}]]'],
    ['[`[0, 1, 2]`][0][1:]', '[[1,2]]'],
    ["[?kind == 'x']", '[null]'],
    ['kind[0]', '[null]'],
    ['`{"a": {"x": 1}, "b": {"x": 2}, "c": 3}`.*.x', '[[1,2]]'],
  ])('%s', (expression, expected) => expect(resultOf(expression)).toBe(expected))
})

describe('literals', () => {
  test.each([
    ["'it\\'s \\'raw\\' \\\\n'", "[\"it's 'raw' \\\\\\\\n\"]"],
    ['`"json \\u00e9 \\` tick"`', '["json \\u00e9 ` tick"]'],
    ['`bare`', '["bare"]'],
    ['` spaced `', '["spaced "]'],
    ['`01`', '["01"]'],
    ['`1.`', '["1."]'],
    [
      '`[1.0, 1, 1e3, -0.0, 12345678901234567890, NaN, -Infinity]`',
      '[[1.0,1,1000.0,-0.0,12345678901234567890,NaN,-Infinity]]',
    ],
    ['`{"a": 1, "b": 2, "a": 3}`', '[{"a":3,"b":2}]'],
    ['"\\u006bind"', '["ExecCredential"]'],
  ])('%s', (expression, expected) => expect(resultOf(expression)).toBe(expected))
})

describe('conditions', () => {
  test.each([
    ["kind == 'ExecCredential'", '[true]'],
    ['`1` == `1.0`', '[true]'],
    ['`1` == `true`', '[false]'],
    ['`[1]` == `[true]`', '[true]'],
    ['`{"a": [1]}` == `{"a": [1.0]}`', '[true]'],
    ['`2` > `1.5`', '[true]'],
    ["'a' < 'B'", '[false]'],
    ["'￮' < '😀'", '[true]'],
    ['`true` < `2`', '[null]'],
    ['!spec', '[true]'],
    ['!`0`', '[false]'],
    ['!`""`', '[true]'],
    ['spec || kind', '["ExecCredential"]'],
    ['spec && kind', '[{}]'],
    ['nothing && kind || status.token', '["k8s-aws-v1.aHR0cHM6Ly9zdHM"]'],
    ['kind == apiVersion || !kind && spec', '[false]'],
  ])('%s', (expression, expected) => expect(resultOf(expression)).toBe(expected))
})

describe('functions', () => {
  test.each([
    ['abs(`-2`)', '[2]'],
    ['abs(`-2.0`)', '[2.0]'],
    ['avg(`[1, 2]`)', '[1.5]'],
    ['avg(`[1, 3]`)', '[2.0]'],
    ['avg(`[]`)', '[null]'],
    ['ceil(`1.2`)', '[2]'],
    ['floor(`-1.5`)', '[-2]'],
    ['ceil(`2`)', '[2]'],
    ['sum(`[1, 2]`)', '[3]'],
    ['sum(`[1, 2.0]`)', '[3.0]'],
    ['sum(`[]`)', '[0]'],
    ["contains(kind, 'Cred')", '[true]'],
    ['contains(`[1, [2]]`, `[2]`)', '[true]'],
    ['contains(`[1]`, `true`)', '[true]'],
    ["starts_with(status.token, 'k8s-aws-v1.')", '[true]'],
    ["ends_with(status.expirationTimestamp, 'Z')", '[true]'],
    ["join('/', [kind, apiVersion])", '["ExecCredential/client.authentication.k8s.io/v1beta1"]'],
    ['length(`"日本😀"`)', '[3]'],
    ['length(@)', '[4]'],
    ['reverse(`"a😀"`)', '["\\ud83d\\ude00a"]'],
    ['reverse(`[1, 2]`)', '[[2,1]]'],
    ['sort(`[10, 9, 1.5]`)', '[[1.5,9,10]]'],
    ['sort(`["b", "B", "a", "😀", "￮"]`)', '[["B","a","b","\\uffee","\\ud83d\\ude00"]]'],
    ['max(`["b", "B", "a"]`)', '["b"]'],
    ['min(`[3, 1.0, 1]`)', '[1.0]'],
    ['max(`[]`)', '[null]'],
    [
      'sort_by(`[{"k": 2}, {"k": 1, "n": "a"}, {"k": 1, "n": "b"}]`, &k)',
      '[[{"k":1,"n":"a"},{"k":1,"n":"b"},{"k":2}]]',
    ],
    ['max_by(`[{"k": 1}, {"k": 2, "n": "a"}, {"k": 2, "n": "b"}]`, &k).n', '["a"]'],
    ['min_by(`[]`, &k)', '[null]'],
    ['map(&length(@), values(status))', '[[20,26]]'],
    ['merge(status, `{"token": "x", "a": 1}`)', '[{"expirationTimestamp":"2026-01-02T03:18:05Z","token":"x","a":1}]'],
    ['not_null(nothing, spec, kind)', '[{}]'],
    ['to_array(kind)', '[["ExecCredential"]]'],
    ['to_array(`[1]`)', '[[1]]'],
    ['to_string(`"x"`)', '["x"]'],
    [
      'to_string(`{"a": [1, 1.0, "é😀\\u007f", null]}`)',
      '["{\\"a\\":[1,1.0,\\"\\\\u00e9\\\\ud83d\\\\ude00\\\\u007f\\",null]}"]',
    ],
    ['to_number(`"12"`)', '[12]'],
    ['to_number(`"1e2"`)', '[100.0]'],
    ['to_number(`" 1_000 "`)', '[1000]'],
    ['to_number(`"x"`)', '[null]'],
    ['to_number(`true`)', '[null]'],
    [
      '[type(@), type(kind), type(`1.0`), type(`[]`), type(`null`), type(`true`)]',
      '[["object","string","number","array","null","boolean"]]',
    ],
  ])('%s', (expression, expected) => expect(resultOf(expression)).toBe(expected))
})

describe('quirks', () => {
  test.each([
    ['{a: kind b: apiVersion}', '[{"a":"ExecCredential","b":"client.authentication.k8s.io/v1beta1"}]'],
    ["join(',' status.*)", '["2026-01-02T03:18:05Z,k8s-aws-v1.aHR0cHM6Ly9zdHM"]'],
    ['[ kind\r\n, spec ]', '[["ExecCredential",{}]]'],
    ['(length)(kind)', '[14]'],
    ['*.[token][] | [0]', '["k8s-aws-v1.aHR0cHM6Ly9zdHM"]'],
  ])('%s', (expression, expected) => expect(resultOf(expression)).toBe(expected))
})

describe('an expression that jmespath.py cannot parse is rejected before any work', () => {
  test.each([
    'status.[',
    'status.',
    '[kind',
    '(kind',
    'kind)',
    '{a: kind',
    '{kind}',
    '{a kind}',
    '[]]',
    'kind kind',
    'kind.1',
    '[a b]',
    '(a b)',
    'a.',
    '.a',
    '1',
    '-',
    '#',
    'a =',
    'a = b',
    '[1-2]',
    '[::1:2]',
    '[a,]',
    '{a: b,}',
    "'open",
    '"open',
    '`open',
    '"bad \\x"',
    '`"open`',
    '"kind"(@)',
    '[0](@)',
    'a[*',
    'a[?b',
    'a[?',
    '!',
    '&',
    'é',
    'a || ',
    '@.@',
    "a.'b'",
    'length(',
    'length(@',
    'length(@,',
    '{"a": `1`',
    '}',
    '*kind',
    'a!b',
    ' ',
    '',
  ])('%s', (expression) => {
    expect(() => compileQuery(expression)).toThrowError(
      expect.objectContaining({ code: 'ERR_PARAMETER', exitCode: 252 }),
    )
  })
})

describe('an expression that does not fit the value fails only when it is applied', () => {
  test.each([
    'length(`5`)',
    'nosuch(@)',
    'length()',
    'length(@, @)',
    'not_null()',
    'merge()',
    'abs(kind)',
    'keys(kind)',
    'sum(`["a"]`)',
    'sum(`[true]`)',
    'max(`[1, "a"]`)',
    "join(',', `[1]`)",
    'join(`1`, `[]`)',
    'contains(kind, `1`)',
    'contains(`1`, `1`)',
    'sort(`[1, "a"]`)',
    'sort_by(`[{"k": 1}, {"k": "a"}]`, &k)',
    'sort_by(`[{}]`, &k)',
    'max_by(`[{"k": 1}, {"k": "a"}]`, &k)',
    'map(kind, `[]`)',
    '`[1]`[::0]',
    "'a' < `1`",
    'ceil(`NaN`)',
    'floor(`Infinity`)',
    'merge(spec, kind)',
    '&kind',
    '[kind, &kind]',
    '`"\\ud800"`',
  ])('%s', (expression) => {
    const query = compileQuery(expression)
    expect(() => query(CREDENTIAL)).toThrowError(expect.objectContaining({ code: 'ERR_OUTPUT', exitCode: 255 }))
  })
})

describe('an error names the problem and its position', () => {
  test.each([
    ['', 'Bad value for --query : Invalid JMESPath expression: cannot be empty.'],
    [
      'status.[',
      'Bad value for --query status.[: Invalid JMESPath expression: unexpected end of the expression (at character 9)',
    ],
    [
      "'日本😀' = kind",
      "Bad value for --query '日本😀' = kind: Invalid JMESPath expression: unexpected character: = (at character 7)",
    ],
    ["[kind, 'x]", "Bad value for --query [kind, 'x]: Invalid JMESPath expression: unclosed ' (at character 8)"],
    ['length(`5`)', '--query cannot be applied: length() takes string or array or object, not number'],
    ['lenght(kind)', '--query cannot be applied: unknown function: lenght()'],
    ['length()', '--query cannot be applied: length() takes 1 argument, not 0'],
    ['sum(`[1, "a"]`)', '--query cannot be applied: sum() takes numbers, not an array of number, string'],
  ])('%s', (expression, message) => {
    expect(() => resultOf(expression)).toThrowError(expect.objectContaining({ message }))
  })
})

// In this process: how deep is too deep depends on the runtime, and the executable's goes deeper.
test('an expression of thousands of steps is rejected without a stack overflow', () => {
  const steps = compileQuery(`${'a.'.repeat(20_000)}a`)
  expect(() => steps({ a: null })).toThrow(/nested too deeply/)
})

test('the same value remains the same object, which YAML writes as an alias', () => {
  const [first, second] = compileQuery('[status, status]')(CREDENTIAL) as unknown[]
  expect(first).toBe(second)
})
