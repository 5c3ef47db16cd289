import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../../src/config/profiles.ts'
import { computeSettings } from '../../../src/config/settings.ts'
import { malformedKeys } from '../../../src/credentials/explain/malformed-keys.ts'
import { runtimeWith } from '../../support/runtime.ts'

function settingsOf(files: Record<string, string> = {}) {
  const runtime = runtimeWith({ files })
  return computeSettings(
    { profile: files['/home/u/.aws/config'] ? 'dev' : undefined },
    runtime.env,
    readSharedFiles(runtime),
  )
}

describe('credentials in the environment', () => {
  const plan = { kind: 'environment', why: '' } as const
  test.each<[Record<string, string>, string | undefined]>([
    [{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret/of+AKIDEXAMPLE=' }, undefined],
    [{ AWS_ACCESS_KEY_ID: '"AKIDEXAMPLE"' }, 'AWS_ACCESS_KEY_ID contains quotes'],
    [
      { AWS_ACCESS_KEY_ID: "'AKIDEXAMPLE'", AWS_SECRET_ACCESS_KEY: "'secret-of-AKIDEXAMPLE'" },
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY contain quotes',
    ],
    [
      { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x\n' },
      'AWS_SECRET_ACCESS_KEY contains spaces or line breaks',
    ],
    [{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE\u200b' }, 'AWS_ACCESS_KEY_ID contains characters that are not ASCII'],
  ])('%j: %s', (env, fact) => {
    const clue = malformedKeys(plan, settingsOf(), env)
    expect(clue?.fact).toBe(fact)
    expect(clue?.remedy ?? '').not.toContain('secret-of')
  })
  test('the hint names the variable', () =>
    expect(malformedKeys(plan, settingsOf(), { AWS_ACCESS_KEY_ID: '"A"' })?.remedy).toBe(
      "remove the quotes from AWS_ACCESS_KEY_ID (docker's --env-file keeps quotes)",
    ))
})

test('in a file, the message names the profile and the path', () => {
  const settings = settingsOf({
    '/home/u/.aws/config': '[profile dev]\naws_access_key_id = "AKIDEXAMPLE"\naws_secret_access_key = x\n',
  })
  const plan = { kind: 'profile-keys', why: '', profile: 'dev', file: 'config' } as const
  expect(malformedKeys(plan, settings, {})).toEqual({
    fact: 'aws_access_key_id of profile dev in /home/u/.aws/config contains quotes',
    remedy: 'remove the quotes from aws_access_key_id of profile dev in /home/u/.aws/config',
  })
})
