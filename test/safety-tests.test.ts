import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const DOCUMENT = read('docs/safety-tests.md')
const ROWS = [
  ...DOCUMENT.matchAll(/^\| (?:(.*) )?\| `(test\/[\w/.-]+)`: (.+) \| (\d+) \| (both|functions|npm command: .+) \|$/gm),
].map(([, what = '', file = '', title = '', variants]) => ({ what, file, title, variants: Number(variants) }))

test('every row of the tables is read', () => {
  const rows = DOCUMENT.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what \| test|---)/.test(line))
  expect(ROWS).toHaveLength(rows.length)
  expect(ROWS.length).toBeGreaterThan(50)
})

test.each(ROWS)('$file has the test: $title', ({ file, title }) => {
  const source = read(file)
  // A title can be in a template, or have escapes.
  const texts = [source, source.replaceAll('\\\\', '\\').replaceAll("\\'", "'")]
  expect(texts.some((text) => text.includes(title))).toBe(true)
})

test('every line has three variants or more', () => {
  const lines = new Map<string, number>()
  let line = ''
  for (const { what, variants } of ROWS) {
    // A row without its first cell continues the one before it.
    line = what.trim() || line
    lines.set(line, (lines.get(line) ?? 0) + variants)
  }
  expect([...lines].filter(([, variants]) => variants < 3)).toEqual([])
})
