import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OPTIONS } from '../src/cli/options.ts'
import { ERRORS } from '../src/errors.ts'

const root = (file: string) => new URL(`../${file}`, import.meta.url)
const read = (file: string) => readFileSync(root(file), 'utf8')
const README = read('README.md')

test.each(OPTIONS.filter(({ inert }) => !inert))(
  'the table has --$name, in the words of the help',
  ({ name, value, help }) => {
    const option = value === undefined ? `--${name}` : `--${name} <${value}>`
    expect(README).toContain(`| \`${option}\` | ${help} |`)
  },
)

test.each(OPTIONS.filter(({ inert }) => inert))('--$name is said to have no effect', ({ name }) => {
  expect(README).toContain(`\`--${name}\``)
})

test('the table of exit codes has all of them, and no other', () => {
  const table = README.slice(README.indexOf('## Exit codes'), README.indexOf('## As a library'))
  const said = [...table.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]))
  const real = [0, ...new Set(Object.values(ERRORS).map(({ exitCode }) => exitCode))]
  expect(said.sort((a, b) => a - b)).toEqual(real.sort((a, b) => a - b))
})

test('.ci/run and the README call the same test command', () => {
  expect(README).toContain('npm ci && npm test')
  expect(read('.ci/run')).toMatch(/^npm ci\n(.*\n)*npm test$/m)
})

describe('links lead somewhere', () => {
  const documents = [
    'README.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'docs/how-it-works.md',
    'docs/differences.md',
    'docs/decisions.md',
  ]
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => [document, match[1] ?? ''] as const),
  )
  test.each(links)('%s → %s', (document, link) => {
    expect(existsSync(new URL(link, root(document)))).toBe(true)
  })
})
