import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = new URL('../src/', import.meta.url).pathname

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

describe('each outside party has one importing file', () => {
  test.each(
    Object.entries({
      // Two, so that the build can give each a copy of its own (build.mjs, hashTwice).
      '@aws-crypto/sha256-js': ['token/sign.ts', 'token/signing-key.ts'],
      '@aws-sdk/client-sts': 'credentials/sources/sts.ts',
      '@smithy/node-http-handler': 'credentials/transport.ts',
      '@smithy/signature-v4': 'token/sign.ts',
      '@aws-sdk/client-sso': 'credentials/sources/sso.ts',
      '@aws-sdk/client-sso-oidc': 'credentials/sources/sso-oidc.ts',
      '@aws-sdk/nested-clients/signin': 'credentials/sources/sign-in.ts',
      '@noble/hashes/legacy.js': 'credentials/hash.ts',
      '@noble/hashes/sha2.js': 'credentials/hash.ts',
      'node:crypto': 'credentials/sources/sign-in.ts',
      'node:tty': 'cli/mfa-code.ts',
      commander: 'cli/program.ts',
      'node:child_process': 'credentials/sources/process.ts',
      'node:tls': 'credentials/agents.ts',
      'node:http': 'credentials/sources/http.ts',
      yaml: ['cli/output/yaml.ts', 'kubernetes/kubeconfig.ts'],
      'http-proxy-agent': 'credentials/agents.ts',
      'https-proxy-agent': 'credentials/agents.ts',
    }),
  )('%s: %s', (party, file) => expect(importersOf(party)).toEqual([file].flat()))
  test('and there is no other', () => {
    const parties = SOURCES.flatMap(({ imports }) => imports.map(({ from }) => from))
    const outside = new Set(parties.filter((from) => !from.endsWith('.ts') && !from.endsWith('package.json')))
    expect([...outside].sort()).toEqual([
      '@aws-crypto/sha256-js',
      '@aws-sdk/client-sso',
      '@aws-sdk/client-sso-oidc',
      '@aws-sdk/client-sts',
      '@aws-sdk/nested-clients/signin',
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
      '@smithy/node-http-handler',
      '@smithy/signature-v4',
      'commander',
      'http-proxy-agent',
      'https-proxy-agent',
      'node:child_process',
      'node:crypto',
      'node:fs',
      'node:http',
      'node:https',
      'node:os',
      'node:path',
      'node:stream',
      'node:tls',
      'node:tty',
      'yaml',
    ])
  })
})

describe('data goes one way', () => {
  // A room may import from the rooms before it, and none from the rooms after it.
  const ROOMS = ['settings', 'credentials', 'token', 'kubernetes', 'cli']
  const roomOf = (file: string) => ROOMS.indexOf(file.split('/')[0] ?? '')
  test.each(SOURCES.filter(({ file }) => roomOf(file) >= 0).map((source) => [source.file, source] as const))(
    '%s',
    (file, { imports }) => {
      const later = imports.filter(({ from, typeOnly }) => !typeOnly && roomOf(from) > roomOf(file))
      expect(later).toEqual([])
    },
  )
  test('no file imports itself by a detour', () => {
    const next = new Map(
      SOURCES.map(({ file, imports }) => [file, imports.filter(({ typeOnly }) => !typeOnly).map(({ from }) => from)]),
    )
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (next.get(from) ?? []).some(
        (file) => file === to || (!seen.has(file) && seen.add(file) && reaches(file, to, seen)),
      )
    expect(SOURCES.map(({ file }) => file).filter((file) => reaches(file, file))).toEqual([])
  })
})

describe('the outside is met at the edges', () => {
  const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const using = (pattern: RegExp) =>
    SOURCES.filter(({ text }) => pattern.test(withoutComments(text))).map(({ file }) => file)
  test('process', () => expect(using(/\bprocess\.(?!ts\b)/)).toEqual(['index.ts', 'main.ts']))
  test('the clock', () => expect(using(/new Date\(\)|Date\.now\(\)|performance\./)).toEqual(['index.ts']))
  test('the console', () => expect(using(/\bconsole\./)).toEqual([]))
  test('errors are recognised by their mark, not by their class', () => {
    expect(using(/instanceof EksTokenError/)).toEqual([])
  })
})

function importersOf(party: string): string[] {
  return SOURCES.filter(({ imports }) => imports.some(({ from }) => from === party)).map(({ file }) => file)
}
