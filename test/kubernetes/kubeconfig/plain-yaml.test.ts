import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAnyYaml } from '../../../src/kubernetes/kubeconfig/parse.ts'
import { parsePlainYaml } from '../../../src/kubernetes/kubeconfig/plain-yaml.ts'
import type { SourceNode } from '../../../src/kubernetes/kubeconfig/source.ts'
import { PROPERTY_RUNS, PROPERTY_TIMEOUT } from '../../support/property-runs.ts'

const CORPUS = new URL('../../fixtures/kubeconfig/corpus/', import.meta.url)
const TEXTS = readdirSync(CORPUS)
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => readFileSync(new URL(name, CORPUS), 'utf8'))

/** A node as plain data. */
function describeNode(node: SourceNode | undefined): unknown {
  if (!node) return null
  const { kind, start, end, outerEnd, anchor, hasTag } = node
  const style = node.kind === 'scalar' ? node.style : undefined
  const { flow, trailingComma, items = [] } = 'items' in node ? node : {}
  const hasMergeKey = node.kind === 'map' && node.hasMergeKey
  return {
    ...{ kind, style, start, end, outerEnd, anchor, hasTag, flow, trailingComma, hasMergeKey, value: node.value() },
    items: items.map((item) => {
      const { key, start, valueStart, end, outerEnd, node } = item
      return { key, start, valueStart, end, outerEnd, node: describeNode(node) }
    }),
  }
}

/** Whether the text is plain; then it must be what the library reads. */
function isReadAlike(text: string): boolean {
  const plain = parsePlainYaml(text)
  if (!plain) return false
  const { value, root } = parseAnyYaml(text, 'config')
  expect({ value: plain.value, root: describeNode(plain.root()) }).toEqual({ value, root: describeNode(root) })
  return true
}

test('most kubeconfigs of the corpus are plain, and are read as by the library', () => {
  expect(TEXTS.filter(isReadAlike).length).toBeGreaterThan(TEXTS.length / 3)
})

describe('forms that are plain', () => {
  test.each([
    'a: b',
    '---\na: b\n',
    '# c\n\n---\n# d\na: b # e\n',
    '\ufeffa: b\r\nc:\r\n- d\r\n',
    'a:\n- b: c\n  d: "e # f"\n- g\n-\n  h: i\n- \n',
    'a:\n    b:\n      - c: {}\n        d: []\n    e:\n',
    "a: 'it''s' # x\nb: \"\"\nc: ''\n",
    'a: true\nb: null\nc: 12\nd: 0\ne: yes\nf: --region\ng: http://h:1/p#q\n',
    '"a b": c\n\'d\': e\n',
    'a: b\na: c\n',
    'a:\n# x\n  # y\n  b: c\n      # z\n  d: e\n',
    'a: b  c   d\n',
  ])('%j', (text) => expect(isReadAlike(text)).toBe(true))
})

describe('forms that are left to the library', () => {
  test.each([
    '',
    '# only a comment\n',
    'a',
    '- a\n- - b\n',
    'a: b\n  c\n',
    'a:\n  b\n',
    'a: |\n  b\n',
    'a: &x b\n',
    'a: *x\n',
    'a: !!str b\n',
    'a: [b]\n',
    'a: "b\\n"\n',
    'a: "b\n  c"\n',
    'a: b: c\n',
    'a:\tb\n',
    '\ta: b\n',
    'a: b\n---\nc: d\n',
    '%YAML 1.1\n---\na: b\n',
    '<<: {}\n',
    '__proto__: a\n',
    'true: a\n',
    '1: a\n',
    'a b: c\n',
    '? a\n: b\n',
    'a: 1.5\n',
    'a: 012\n',
    'a: .inf\n',
    'a: ~\n',
    'a:\n   b: c\n  d: e\n',
    ' a: b\n',
    'a: b\rc: d\n',
    'a: True\n',
    'a:\n- b\n c: d\n',
  ])('%j', (text) => expect(parsePlainYaml(text)).toBeUndefined())
})

const INSERTED = [
  ...' \t\n\r-:#\'"{}[]&*!|>%@,?~a0_/\u00a0\u2028\u0085é',
  ': ',
  ' #',
  '- ',
  '\n  ',
  '---\n',
  '<<: ',
  'true',
  '|\n',
]

test('changed texts of the corpus are left to the library, or are read as by it', { timeout: PROPERTY_TIMEOUT }, () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(3),
    inserted: fc.constantFrom('', ...INSERTED),
  })
  const property = fc.property(
    fc.constantFrom(...TEXTS),
    fc.array(change, { minLength: 1, maxLength: 3 }),
    (text, changes) => {
      let changed = text.slice(0, 3000)
      for (const { at, removed, inserted } of changes) {
        const position = Math.floor(at * changed.length)
        changed = changed.slice(0, position) + inserted + changed.slice(position + removed)
      }
      isReadAlike(changed)
    },
  )
  fc.assert(property, { numRuns: PROPERTY_RUNS })
})
