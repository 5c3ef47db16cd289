import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

interface Source {
  readonly file: string
  readonly text: string
  /** What it imports: packages and built-ins by name, own files by path from src; `lazy` for `import()`. */
  readonly imports: readonly { readonly from: string; readonly lazy: boolean; readonly typeOnly: boolean }[]
}

const SOURCES: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const text = readFileSync(join(SRC, file), 'utf8')
    const statement = /^\s*(?:import|export)\s(type\s)?[^'"]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/gm
    const imports = [...text.matchAll(statement)].map((match) => {
      const target = match[2] ?? match[3] ?? ''
      const from = target.startsWith('.') ? relative(SRC, join(SRC, file, '..', target)) : target
      return { from, lazy: match[3] !== undefined, typeOnly: match[1] !== undefined }
    })
    return { file, text, imports }
  })

test('the sources were found', () => {
  expect(SOURCES.length).toBeGreaterThan(30)
  expect(SOURCES.flatMap(({ imports }) => imports).length).toBeGreaterThan(80)
})

/** Packages with more than one importing file. */
const SHARED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Two, so that the build can give each a copy of its own (build/plugins.mjs).
  '@aws-crypto/sha256-js': ['token/sign.ts', 'token/signing-key.ts'],
  yaml: ['cli/output/yaml.ts', 'kubernetes/kubeconfig/parse.ts'],
}

/** The slow built-ins of Node, and the only files that import them. */
const BUILT_INS: Readonly<Record<string, readonly string[]>> = {
  'node:child_process': ['credentials/sources/process-tree.ts', 'credentials/sources/process.ts', 'login/browser.ts'],
  'node:crypto': [
    'cli/commands/convert-kubeconfig/history.ts',
    'credentials/sources/oauth2-token.ts',
    'kubernetes/kubeconfig/backup.ts',
    'login/callback-page.ts',
    'login/pkce.ts',
    'net/pem.ts',
  ],
  // The agents need its types only.
  'node:http': ['login/callback-server.ts', 'net/proxy-agents.ts', 'net/request.ts', 'net/socks-agent.ts'],
  'node:net': [
    'cli/terminal-claim.ts',
    'kubernetes/config-problems.ts',
    'kubernetes/go-proxy.ts',
    'login/callback-server.ts',
  ],
  'node:tls': ['net/tls.ts'],
  'node:readline': ['cli/ask-line.ts'],
  'node:tty': ['cli/terminal-device.ts'],
}

/** Built-ins of Node that cost little and may be imported where they are needed. */
const COMMON_BUILT_INS = ['node:fs', 'node:https', 'node:module', 'node:os', 'node:path', 'node:stream']

describe('each external dependency has one importing file', () => {
  const imported = new Set(SOURCES.flatMap(({ imports }) => imports.map(({ from }) => from)))
  const external = [...imported].filter((from) => !from.endsWith('.ts') && !from.endsWith('package.json')).sort()
  const packages = external.filter((from) => !from.startsWith('node:'))

  test('the packages were found', () => expect(packages.length).toBeGreaterThan(8))
  test.each(packages.filter((name) => !(name in SHARED_PACKAGES)))('%s', (name) => {
    expect(importersOf(name)).toHaveLength(1)
  })
  test.each(Object.entries({ ...SHARED_PACKAGES, ...BUILT_INS }))('%s', (dependency, files) => {
    expect(importersOf(dependency)).toEqual(files)
  })
  test('no other built-in of Node is imported', () => {
    const others = external.filter((from) => from.startsWith('node:') && !COMMON_BUILT_INS.includes(from))
    expect(others).toEqual(Object.keys(BUILT_INS).sort())
  })
})

/** The layers, lowest first. A file imports only from its own layer and those below it; type imports count. */
const LAYERS: readonly (readonly string[])[] = [
  [
    'closest-match.ts',
    'errors.ts',
    'file-problem.ts',
    'json.ts',
    'process',
    'redact-secrets.ts',
    'redact.ts',
    'runtime.ts',
    'secret-patterns.ts',
    'shown-path.ts',
    'stack-frames.ts',
    'time-format.ts',
  ],
  ['python'],
  ['aws', 'command-line.ts', 'config'],
  ['net'],
  ['credentials', 'token', 'kubernetes'],
  ['create-token.ts', 'login'],
  ['cli', 'front', 'library', 'index.ts', 'main.ts'],
]

describe('imports go downwards', () => {
  const layerOf = (file: string) =>
    LAYERS.findIndex((names) => names.some((name) => file === name || file.startsWith(`${name}/`)))
  test('every source file belongs to a layer', () => {
    expect(SOURCES.map(({ file }) => file).filter((file) => layerOf(file) < 0)).toEqual([])
  })
  test.each(SOURCES.map((source) => [source.file, source] as const))('%s', (file, { imports }) => {
    const upward = imports.filter(({ from }) => from.endsWith('.ts') && layerOf(from) > layerOf(file))
    expect(upward).toEqual([])
  })
  test('only main.ts and tests import the library as a whole', () => {
    expect(importersOf('index.ts')).toEqual([])
  })
  test('there are no import cycles, type imports included', () => {
    const next = new Map(SOURCES.map(({ file, imports }) => [file, imports.map(({ from }) => from)]))
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (next.get(from) ?? []).some(
        (file) => file === to || (!seen.has(file) && seen.add(file) && reaches(file, to, seen)),
      )
    expect(SOURCES.map(({ file }) => file).filter((file) => reaches(file, file))).toEqual([])
  })
})

test('commands that messages propose are quoted in one place: shlex quotes for POSIX shells only', () => {
  const users = SOURCES.filter(({ text }) => /\bshellQuote\b/.test(text)).map(({ file }) => file)
  expect(users.sort()).toEqual([
    'command-line.ts',
    // The header of a section.
    'config/edit-config.ts',
    // chmod and chown
    'credentials/cache/permissions.ts',
    'python/shlex.ts',
  ])
})

describe('process, clock and console appear only at the edge', () => {
  const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const using = (pattern: RegExp) =>
    SOURCES.filter(({ text }) => pattern.test(withoutComments(text)))
      .map(({ file }) => file)
      .sort()
  test('process', () =>
    expect(using(/\bprocess\.(?!ts\b)/)).toEqual([
      'main.ts',
      'process/read-text.ts',
      'process/read-when-ready.ts',
      'process/registry.ts',
      'process/signals.ts',
      'process/terminal.ts',
      'runtime.ts',
    ]))
  test('the clock', () =>
    expect(using(/new Date\(\)|Date\.now\(\)|performance\./)).toEqual(['process/read-when-ready.ts', 'runtime.ts']))
  test('the console', () => expect(using(/\bconsole\.(?!ts\b)/)).toEqual([]))
  test('errors are recognized by their mark, not by their class', () => {
    expect(using(/instanceof EksTokenError/)).toEqual([])
  })
})

function importersOf(dependency: string): string[] {
  return SOURCES.filter(({ imports }) => imports.some(({ from }) => from === dependency))
    .map(({ file }) => file)
    .sort()
}
