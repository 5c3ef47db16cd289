import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unifiedDiff } from '../../../src/cli/commands/convert-kubeconfig/unified-diff.ts'
import { applyEdits, type Edit } from '../../../src/kubernetes/kubeconfig/text-edit.ts'
import { PROPERTY_RUNS } from '../../support/property-runs.ts'

const TEXT = 'a\nb\nc\nd\n'

test.each([
  ['inserts before a line', { from: 2, to: 2, text: 'x\n' }, ' a\n+x\n b\n c\n d\n'],
  ['inserts after the end of a line', { from: 3, to: 3, text: '\nx' }, ' a\n b\n+x\n c\n d\n'],
  ['inserts at the end', { from: 8, to: 8, text: 'x\n' }, ' b\n c\n d\n+x\n'],
  ['removes a line', { from: 2, to: 4, text: '' }, ' a\n-b\n c\n d\n'],
  ['removes a line, from the end of the previous one', { from: 1, to: 3, text: '' }, ' a\n-b\n c\n d\n'],
  ['replaces lines by some that end as they do', { from: 0, to: 4, text: 'x\nb\n' }, '-a\n+x\n b\n c\n d\n'],
  ['joins two lines', { from: 3, to: 4, text: '' }, ' a\n-b\n-c\n+bc\n d\n'],
])('%s: the lines around are unchanged', (_, edit, body) => {
  expect(unifiedDiff('f', TEXT, [edit]).replace(/^.*\n.*\n@@ .*\n/, '')).toBe(body)
})

/** Applies a unified diff, and lists the lines at the ends of its changes that are the same before and after. */
function applyDiff(before: string, diff: string): { readonly text: string; readonly unchanged: readonly string[] } {
  const lines = before.split(/(?<=\n)/)
  const after: string[] = []
  const unchanged: string[] = []
  let position = 0
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, start = '', body = ''] = /^@@ -(\d+),\d+ \+\d+,\d+ @@\n(.*)$/s.exec(hunk) ?? []
    after.push(...lines.slice(position, Number(start) - 1))
    position = Number(start) - 1
    for (const [, kept = '', removed = '', added = ''] of body.matchAll(/((?:^ .*\n)*)((?:^-.*\n)*)((?:^\+.*\n)*)/gm)) {
      const [same, old, replacement] = [kept, removed, added].map((part) =>
        part.split(/(?<=\n)/).flatMap((line) => (line === '' ? [] : [line.slice(1)])),
      ) as [string[], string[], string[]]
      expect(lines.slice(position, position + same.length + old.length)).toEqual([...same, ...old])
      position += same.length + old.length
      after.push(...same, ...replacement)
      for (const index of [0, -1]) {
        const line = old.at(index)
        if (line !== undefined && line === replacement.at(index)) unchanged.push(line)
      }
    }
  }
  return { text: [...after, ...lines.slice(position)].join(''), unchanged }
}

test('the diff of any edits leads to the edited text, and no change begins or ends with an unchanged line', () => {
  const line = fc.constantFrom('a\n', 'b\n', '  c\n', '\n')
  const lines = fc.array(line, { minLength: 1, maxLength: 30 }).map((all) => all.join(''))
  const replacement = fc.array(fc.constantFrom('a', 'b', '  c', '\n'), { maxLength: 4 }).map((parts) => parts.join(''))
  const change = fc.record({ gap: fc.nat(12), length: fc.nat(6), text: replacement })
  const runs = fc.property(lines, fc.array(change, { maxLength: 6 }), (text, changes) => {
    // The last newline stays: how a file without one is shown has its own line in a diff.
    const edits: Edit[] = []
    let position = 0
    for (const { gap, length, text: inserted } of changes) {
      const from = position + gap
      const to = from + length
      if (to >= text.length) break
      edits.push({ from, to, text: inserted })
      position = to
    }
    const { text: patched, unchanged } = applyDiff(text, unifiedDiff('f', text, edits))
    expect([patched, unchanged]).toEqual([applyEdits(text, edits), []])
  })
  fc.assert(runs, { numRuns: 10 * PROPERTY_RUNS })
})
