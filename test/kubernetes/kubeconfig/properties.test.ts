import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convertUsers } from '../../../src/cli/commands/convert-kubeconfig/convert.ts'
import { createStep, undoSteps } from '../../../src/cli/commands/convert-kubeconfig/history.ts'
import { shareUsers, unshareUsers } from '../../../src/cli/commands/convert-kubeconfig/share.ts'
import { asList, field, sameValue } from '../../../src/json.ts'
import { editSource, sourceEdits } from '../../../src/kubernetes/kubeconfig/edit.ts'
import { type ClusterEntries, withEntries } from '../../../src/kubernetes/kubeconfig/entries.ts'
import { parseAnyYaml, parseSource } from '../../../src/kubernetes/kubeconfig/parse.ts'
import type { SourceDocument, SourceNode } from '../../../src/kubernetes/kubeconfig/source.ts'
import { applyEdits } from '../../../src/kubernetes/kubeconfig/text-edit.ts'
import { PROPERTY_RUNS, PROPERTY_TIMEOUT } from '../../support/property-runs.ts'
import { printYaml } from '../../support/yaml-printer.ts'

type Values = Readonly<Record<string, unknown>>

const NAMES = ['demo', 'no', '1e3', 'a b', 'é', 'arn:aws:eks:eu-west-1:111122223333:cluster/demo']
const name = fc.constantFrom(...NAMES)
const word = fc.constantFrom(
  'x',
  'yes',
  '012',
  "it's",
  '',
  '# no',
  'a: b',
  '1.50',
  'two words',
  'null',
  '-',
  '"q"',
  'ü',
)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const awsUser = fc
  .record({ cluster: fc.constantFrom('demo', 'web'), role: fc.boolean(), env: fc.boolean() })
  .map(({ cluster, role, env }) => ({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      args: ['--region', 'eu-west-1', 'eks', 'get-token', '--cluster-name', cluster].concat(
        role ? ['--role', 'arn:aws:iam::111122223333:role/a'] : [],
      ),
      command: 'aws',
      ...(env ? { env: [{ name: 'AWS_PROFILE', value: 'p' }] } : {}),
    },
  }))
const otherUser = fc.record({
  token: word,
  extensions: fc.constantFrom(null, [], [{ name: 'e', extension: { a: 1 } }]),
})

const list = <T>(key: string, content: fc.Arbitrary<T>, values: fc.Arbitrary<string> = name) =>
  fc
    .uniqueArray(values, { maxLength: 4 })
    .chain((names) => fc.tuple(...names.map((each) => content.map((value) => ({ [key]: value, name: each })))))

const kubeconfig = fc.record(
  {
    apiVersion: fc.constant('v1'),
    kind: fc.constant('Config'),
    clusters: fc.oneof(
      fc.constant(null),
      list('cluster', fc.record({ server: fc.constantFrom('https://a', 'https://b:1/c'), note: word })),
    ),
    contexts: list(
      'context',
      fc.record({ cluster: name, user: name, namespace: word }, { requiredKeys: ['cluster', 'user'] }),
    ),
    users: list('user', fc.oneof(awsUser, otherUser)),
    preferences: fc.constantFrom({}, { colors: true }),
    'current-context': name,
    extra: fc.record({ a: word, b: fc.array(word, { maxLength: 3 }), c: fc.constantFrom(1, true, null, 12345678901) }),
  },
  { requiredKeys: [] },
)

/** A kubeconfig in random styles. */
const text = fc
  .tuple(kubeconfig, fc.array(fc.nat(999), { maxLength: 400 }))
  .filter(([value]) => Object.keys(value).length > 0)
  .map(([value, choices]) => {
    let next = 0
    return printYaml(value, (count) => (choices[next++] ?? 0) % count)
  })

const entries: fc.Arbitrary<ClusterEntries> = fc
  .record({
    clusterName: name,
    userName: name,
    contextName: name,
    namespace: optional(word),
    proxyUrl: optional(word),
    keepCurrentContext: fc.boolean(),
    isShared: fc.boolean(),
  })
  .map(({ isShared, ...entry }) => ({
    ...entry,
    server: 'https://new.gr7.eu-west-1.eks.amazonaws.com',
    caData: 'Q0E=',
    clusterInfo: isShared ? { clusterName: 'demo', region: 'eu-west-1' } : undefined,
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      args: ['eks', 'get-token'].concat(isShared ? [] : ['--cluster-name', 'demo']),
      command: 'eks-get-token',
      env: [],
      installHint: 'install it',
      interactiveMode: 'IfAvailable',
      ...(isShared ? { provideClusterInfo: true as const } : {}),
    },
  }))

const isBroken = (source: string): boolean => {
  try {
    parseAnyYaml(source, 'config')
    return false
  } catch {
    return true
  }
}

/** Offsets of parts of the text that an edit may touch: what differs, and the end of collections that grow in flow style. */
function touchable(node: SourceNode | undefined, before: unknown, after: unknown): [number, number][] {
  if (!node || sameValue(before, after)) return []
  const whole: [number, number][] = [[node.start, node.outerEnd]]
  if (node.kind === 'alias' || node.kind === 'scalar' || node.items.length === 0) return whole
  const memberOf = (values: unknown, index: number, key = ''): unknown =>
    node.kind === 'seq' ? asList(values)[index] : field(values, key)
  const items = node.items.map((item, index) => ({
    item,
    was: memberOf(before, index, item.key),
    is: memberOf(after, index, item.key),
  }))
  const removed = items.filter(({ is }) => is === undefined).length
  const grows = Object.keys(after ?? {}).length > items.length - removed
  const isReplaced = node.kind === 'seq' || removed === items.length || (node.flow && grows)
  if (removed > 0 && isReplaced) return whole
  const last = node.items.at(-1)
  const end: [number, number][] = node.flow && grows && last ? [[last.end, node.trailingComma ?? last.end]] : []
  const changed = items.flatMap(({ item, was, is }, index): [number, number][] => {
    if (sameValue(was, is)) return []
    // Of the last member in flow style, the comma before it also goes.
    const start = (node.flow && is === undefined ? node.items[index - 1]?.end : undefined) ?? item.start
    if (!item.node || is === undefined) return [[start, item.outerEnd]]
    return [[item.start, item.valueStart], ...touchable(item.node, was, is)]
  })
  return [...end, ...changed]
}

/** All other lines must still be there, in order. */
function expectUntouchedLines({ text: before, value, root }: SourceDocument, target: unknown, after: string): void {
  const ranges = touchable(root, value, target)
  const lines = after.split('\n')
  let position = 0
  let offset = 0
  for (const line of before.split('\n')) {
    const [start, end] = [offset, offset + line.length]
    offset = end + 1
    const isTouchable = ranges.some(([from, to]) => from <= end && to >= start)
    // An anchor that is replaced moves to its first alias.
    if (isTouchable || line.trim() === '' || /[&*]a\d/.test(line)) continue
    const index = lines.findIndex((other, at) => at >= position && other.trimEnd() === line.trimEnd())
    expect({ line, index, after }).not.toMatchObject({ index: -1 })
    position = index + 1
  }
}

describe('kubeconfigs in random styles', { timeout: PROPERTY_TIMEOUT }, () => {
  test('the printer writes what the parser reads', () => {
    let read = 0
    fc.assert(
      fc.property(text, (source) => {
        if (!isBroken(source)) read++
      }),
      { numRuns: PROPERTY_RUNS },
    )
    expect(read).toBe(PROPERTY_RUNS)
  })

  test('new entries are the change, and nothing else is', () => {
    const property = fc.property(text, entries, (source, entry) => {
      const document = parseSource(source, 'config')
      const target = withEntries(document.value as Values, [entry])
      const after = editSource(document, target)
      expect(parseAnyYaml(after, 'config').value).toEqual(target)
      expectUntouchedLines(document, target, after)
      const again = parseSource(after, 'config')
      expect(editSource(again, withEntries(again.value as Values, [entry]))).toBe(after)
    })
    fc.assert(property, { numRuns: PROPERTY_RUNS })
  })

  test('a conversion changes exec blocks, and nothing else; its undo gives back the bytes', () => {
    const property = fc.property(text, fc.boolean(), (source, hasMore) => {
      const all = hasMore ? `${source}\n---\nother: document\n` : source
      const document = parseSource(all, 'config', 'kubectl')
      const { config, results } = convertUsers(document.value as Values, 'eks-get-token', () => true)
      const edits = sourceEdits(document, config)
      const after = applyEdits(all, edits)
      expect(parseAnyYaml(after, 'config', 'kubectl').value).toEqual(config)
      expect(asList(field(document.value, 'users')).length).toBe(asList(config.users).length)
      expectUntouchedLines(document, config, after)
      expect(undoSteps(after, [createStep(all, edits, results)])).toBe(all)
    })
    fc.assert(property, { numRuns: PROPERTY_RUNS })
  })

  test('a shared user is the change, and nothing else is; its undo gives back the bytes', () => {
    let shared = 0
    const property = fc.property(text, (source) => {
      const document = parseSource(source, 'config')
      const original = document.value as Values
      const { config, records } = shareUsers(
        convertUsers(original, 'eks-get-token', () => true).config,
        original,
        () => true,
      )
      if (records.size > 0) shared++
      const edits = sourceEdits(document, config)
      const after = applyEdits(source, edits)
      expect(parseAnyYaml(after, 'config').value).toEqual(config)
      expect(undoSteps(after, [createStep(source, edits, [], records)])).toBe(source)
      const stored = new Map(Object.entries(JSON.parse(JSON.stringify(Object.fromEntries(records))))) as typeof records
      const { config: back } = unshareUsers(config, stored, () => true)
      expect(back.contexts).toEqual(original.contexts)
      expect(back.clusters).toEqual(original.clusters)
    })
    fc.assert(property, { numRuns: PROPERTY_RUNS })
    if (PROPERTY_RUNS >= 100) expect(shared).toBeGreaterThan(0)
  })
})
