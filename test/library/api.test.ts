import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../src/errors.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const REFERENCE = readFileSync(join(ROOT, 'docs/api.md'), 'utf8')

test('docs/api.md is what the sources say, and every export has a comment', { timeout: 300_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/api-docs.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {},
  })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('the public API is this, and nothing else', () => {
  const names = (module: string) => {
    const section = REFERENCE.split(/^## /m).find((text) => text.startsWith(`${module}\n`)) ?? ''
    return [...section.matchAll(/^#### (\w+)/gm)].map(([, name]) => name)
  }
  expect(names('eks-get-token').sort()).toEqual([
    'AbortSignalLike',
    'CreateTokenOptions',
    'CredentialProvider',
    'DecodedToken',
    'EksTokenError',
    'Environment',
    'ErrorCode',
    'ExecCredential',
    'Identity',
    'IdentityOptions',
    'Inspection',
    'MfaRequest',
    'Plan',
    'ProcessHost',
    'Refusal',
    'ResolvedIdentity',
    'RuleResult',
    'Runtime',
    'Sourced',
    'StaticCredentials',
    'StsHost',
    'StsVerdict',
    'Token',
    'Verification',
    'checkToken',
    'createToken',
    'decodeToken',
    'isEksTokenError',
    'processRuntime',
    'resolveIdentity',
    'toExecCredential',
    'verifyToken',
  ])
  expect(names('eks-get-token/kubernetes').sort()).toEqual(['EksTokensOptions', 'withEksTokens'])
})

describe('the reference', () => {
  test('explains every error code, and no other', () => {
    const rows = [...REFERENCE.matchAll(/^\| `(ERR_\w+)` \| \S/gm)].map(([, code]) => code)
    expect(rows).toEqual(Object.keys(ERRORS))
  })
  test.each(
    [...REFERENCE.matchAll(/^#### (\w+)\(\)\n([\s\S]*?)(?=^\*\*\*$|^### )/gm)].map(([, name, text]) => [
      name ?? '',
      text ?? '',
    ]),
  )('has parameters, result, errors and an example of %s', (name, text) => {
    expect(text).toMatch(/^##### Returns$/m)
    expect(text).toMatch(/^##### Example$/m)
    if (text.includes('##### Parameters')) expect(text).not.toMatch(/^\| `\w+\??` \| .* \| - \|$/m)
    if (!['isEksTokenError', 'processRuntime', 'withEksTokens'].includes(name)) {
      expect(text).toMatch(/^##### Throws$/m)
      expect(text).toMatch(/`ERR_|as \[createToken\]/)
    }
  })
})
