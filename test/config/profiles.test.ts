import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../src/config/profiles.ts'
import { shellSplit } from '../../src/python/shlex.ts'
import { runtimeWith } from '../support/runtime.ts'
import { toPlainObject } from '../support/sections.ts'

describe('the merged config and credentials files', () => {
  const read = (config: string, credentials: string) =>
    readSharedFiles(runtimeWith({ files: { '/home/u/.aws/config': config, '/home/u/.aws/credentials': credentials } }))

  test('section headers of the config file are split as shell words, those of the credentials file are not', () => {
    const files = read(
      '[profile a]\nk=1\n[profile  "b c" ]\nk=2\n[profile d e]\nk=3\n[profilex f]\nk=4\n[g]\nk=5\n[default]\nk=6\n[profile \'h]\nk=7',
      '[profile i]\nk=8\n[j]\nk=9',
    )
    expect(toPlainObject(files.profiles)).toEqual({
      a: { k: '1' },
      'b c': { k: '2' },
      f: { k: '4' },
      default: { k: '6' },
      'profile i': { k: '8' },
      j: { k: '9' },
    })
  })
  test.each([
    ['[profile a]\n[profile  b]\n[profile c ]\n[profile d e]\n[profile\tf]', ['a', 'b', 'c', 'f']],
    ['[profile a]\n[profile b c]\n[profilex d]\n[profile]', ['a', 'd']],
    ['[profile a ]', ['a']],
  ])('the headers %j', (config, expected) => expect([...read(config, '').profiles.keys()]).toEqual(expected))
  test.each([
    ['[default]\nk=1\n[profile default]\nk=2', '2'],
    ['[profile default]\nk=2\n[default]\nk=1', '1'],
  ])('the later of [default] and [profile default] takes precedence (%j)', (config, expected) => {
    expect(read(config, '').profiles.get('default')?.get('k')).toBe(expected)
  })
  test('a name finds the last header whose shell words are its kind, or begin with it, and the name', () => {
    const pool = [
      'profile a',
      'profile  a',
      'profile "a"',
      'profilex a',
      'profile a ',
      'profile a b',
      ' profile a',
      'default',
    ]
    const headers = [
      ...pool,
      'profile default',
      "profile 'default'",
      'profile',
      'profile b',
      'services a',
      'profile\tb',
    ]
    for (let seed = 0; seed < 3000; seed++) {
      const chosen = headers.filter((_, index) => ((seed * 7919) >> (index % 13)) % 3 === 0)
      if (seed % 2 === 1) chosen.reverse()
      const expected = new Map<string, string>()
      for (const header of chosen) {
        const words = header.startsWith('profile') ? shellSplit(header) : undefined
        if (words?.length === 2) expected.set(words[1] ?? '', header)
        else if (header === 'default') expected.set(header, header)
      }
      const { profiles } = read(chosen.map((header) => `[${header}]\nh = >${header}<\n`).join(''), '')
      for (const name of ['a', 'b', 'a b', 'default', 'x', '', '"a"']) {
        const header = expected.get(name)
        expect(profiles.has(name), chosen.join()).toBe(header !== undefined)
        expect(profiles.get(name)?.get('h'), chosen.join()).toBe(header && `>${header}<`)
      }
    }
  })
  test('the credentials file takes precedence, and the profiles of each file are also kept separately', () => {
    const files = read('[profile a]\nk=1\nl=1', '[a]\nl=2\nm=2')
    expect(toPlainObject(files.profiles)).toEqual({ a: { k: '1', l: '2', m: '2' } })
    expect(toPlainObject(files.configProfiles)).toEqual({ a: { k: '1', l: '1' } })
    expect(toPlainObject(files.credentialsProfiles)).toEqual({ a: { l: '2', m: '2' } })
  })
  test('a file that is not text is a config file error', () => {
    const runtime = {
      ...runtimeWith(),
      readText: () => {
        throw new TypeError('not UTF-8')
      },
    }
    expect(() => readSharedFiles(runtime)).toThrowError(expect.objectContaining({ code: 'ERR_CONFIG_FILE' }))
  })
})
