import { expect, test } from 'vitest'
import { parseExecInfo } from '../../src/kubernetes/exec-info.ts'

const V1 = 'client.authentication.k8s.io/v1'
const V1BETA1 = `${V1}beta1`

test.each([
  [undefined, V1BETA1, undefined],
  ['', V1BETA1, undefined],
  [`{"apiVersion":"${V1}"}`, V1, undefined],
  [`{"apiVersion":"${V1BETA1}","kind":"Pod"}`, V1BETA1, undefined],
  [`{"apiVersion":"${V1}alpha1"}`, `${V1}alpha1`, 'deprecated'],
  [`{"apiVersion":"${V1}","apiVersion":"${V1BETA1}"}`, V1BETA1, undefined],
  [`{"apiVersion":"${V1}","x":[NaN,-Infinity,Infinity]}`, V1, undefined],
  [`{"apiVersion":"${V1}","x":"NaN \\" NaN"}`, V1, undefined],
  ['{}', V1BETA1, 'unrecognized'],
  ['{"apiVersion":null}', V1BETA1, 'unrecognized'],
  [`{"apiVersion":["${V1}"]}`, V1BETA1, 'unrecognized'],
  ['{"apiVersion":"client.authentication.k8s.io/v2"}', V1BETA1, 'unrecognized'],
  ['{', V1BETA1, 'malformed'],
  ['  ', V1BETA1, 'malformed'],
  [`{"apiVersion":"${V1}"} x`, V1BETA1, 'malformed'],
  ['[]', V1BETA1, 'malformed'],
  ['null', V1BETA1, 'malformed'],
  ['NaN', V1BETA1, 'malformed'],
  ['NaNny', V1BETA1, 'malformed'],
  [`{"apiVersion":"${V1}","x":1NaN}`, V1BETA1, 'malformed'],
  [`{"apiVersion":"${V1}","x":-NaN}`, V1BETA1, 'malformed'],
  // A parser that backtracks at each of these quotes would exceed the time limit of the test.
  [`NaN"${'\\"'.repeat(400_000)}`, V1BETA1, 'malformed'],
])('exec info %s has apiVersion %s', (text, apiVersion, problem) => {
  const info = parseExecInfo(text)
  expect(info.apiVersion).toBe(apiVersion)
  expect(info.isSet).toBe(Boolean(text))
  expect(info.problem).toBe(problem)
})
