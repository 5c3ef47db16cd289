import { expect, test } from 'vitest'
import { mergeEnvironment } from '../src/runtime.ts'

test('on Windows the names of variables have no case', () => {
  const env = mergeEnvironment({ Path: 'a', aws_profile: 'x' }, { AWS_Profile: 'y' }, 'win32')
  expect([env.PATH, env.path, env.AWS_PROFILE, env.NONE]).toEqual(['a', 'a', 'y', undefined])
  expect([Object.hasOwn(env, 'Aws_Profile'), 'path' in env, Object.hasOwn(env, 'x')]).toEqual([true, true, false])
  expect({ ...env }).toEqual({ PATH: 'a', AWS_PROFILE: 'y' })
})

test('elsewhere they have', () => {
  expect(mergeEnvironment({ a: '1', A: '2' }, { A: '3' }, 'linux')).toEqual({ a: '1', A: '3' })
})
