import { describe, expect, test } from 'vitest'
import { type ConfigSectionName, setConfigValues } from '../../src/config/edit-config.ts'

const ARN = 'arn:aws:iam::123456789012:user/alice'
const profile = (name: string): ConfigSectionName => ({ kind: 'profile', name })
const edit = (text: string, section = profile('dev'), values: Record<string, string> = { login_session: ARN }) =>
  setConfigValues(text, section, values, '/home/u/.aws/config')

describe('a key is set in the config file, and no other byte changes', () => {
  test.each<[title: string, before: string, after: string]>([
    ['an empty file', '', `[profile dev]\nlogin_session = ${ARN}\n`],
    [
      'a missing section',
      '[default]\nregion = a\n',
      `[default]\nregion = a\n\n[profile dev]\nlogin_session = ${ARN}\n`,
    ],
    ['a blank line at the end', '[a]\nb=c\n\n', `[a]\nb=c\n\n[profile dev]\nlogin_session = ${ARN}\n`],
    ['no line end at the end', '[a]\nb=c', `[a]\nb=c\n\n[profile dev]\nlogin_session = ${ARN}\n`],
    ['only a comment', '# mine\n', `# mine\n\n[profile dev]\nlogin_session = ${ARN}\n`],
    [
      'a missing key: below the last one, above comments of the next section',
      '[profile dev]\n# why\nregion=a ; b\n\n# next\n[profile b]\n\tk : v\n',
      `[profile dev]\n# why\nregion=a ; b\nlogin_session = ${ARN}\n\n# next\n[profile b]\n\tk : v\n`,
    ],
    ['an empty section', '[profile dev]\n[b]\nc=d\n', `[profile dev]\nlogin_session = ${ARN}\n[b]\nc=d\n`],
    ['a header with a comment', '[profile dev] # x\n', `[profile dev] # x\nlogin_session = ${ARN}\n`],
    ['a section without a line end', '[profile dev]', `[profile dev]\nlogin_session = ${ARN}`],
    ['a key without a line end', '[profile dev]\nregion = a', `[profile dev]\nregion = a\nlogin_session = ${ARN}`],
    [
      'CRLF',
      '[profile dev]\r\nregion = a\r\n[b]\r\n',
      `[profile dev]\r\nregion = a\r\nlogin_session = ${ARN}\r\n[b]\r\n`,
    ],
    ['CR', '[profile dev]\rregion = a\r[b]\r', `[profile dev]\rregion = a\rlogin_session = ${ARN}\r[b]\r`],
    [
      'a nested section above',
      '[profile dev]\ns3 =\n  a = b\n  # c\n  d = e\n\n[x]\n',
      `[profile dev]\ns3 =\n  a = b\n  # c\n  d = e\nlogin_session = ${ARN}\n\n[x]\n`,
    ],
    [
      'indented keys',
      '  [profile dev]\n    region = a\n  [b]\n    c = d\n',
      `  [profile dev]\n    region = a\n    login_session = ${ARN}\n  [b]\n    c = d\n`,
    ],
    [
      'indented headers, and no key',
      '[profile dev]\n\t[b]\n\tc = d\n',
      `[profile dev]\n\tlogin_session = ${ARN}\n\t[b]\n\tc = d\n`,
    ],
    ['a quoted name', '[profile "dev"]\na=b\n', `[profile "dev"]\na=b\nlogin_session = ${ARN}\n`],
    [
      'an old value',
      '[profile dev]\nLogin_Session  :old  \nregion=a\n',
      `[profile dev]\nLogin_Session  :${ARN}  \nregion=a\n`,
    ],
    ['an empty value', '[profile dev]\nlogin_session=\nregion=a\n', `[profile dev]\nlogin_session= ${ARN}\nregion=a\n`],
    [
      'an old value on several lines',
      '[profile dev]\nlogin_session = a\n  b\n# c\n  d\n\nregion=a\n',
      `[profile dev]\nlogin_session = ${ARN}\n# c\n\nregion=a\n`,
    ],
    ['the same value', `[profile dev]\nlogin_session=${ARN}`, `[profile dev]\nlogin_session=${ARN}`],
    [
      'keys of [DEFAULT]',
      '[DEFAULT]\nregion = x\n[a]\n',
      `[DEFAULT]\nregion = x\n[a]\n\n[profile dev]\nlogin_session = ${ARN}\n`,
    ],
    [
      'text beyond ASCII',
      '[profile dev]\n# é 日本 \u{1f600}\nname = ü\n',
      `[profile dev]\n# é 日本 \u{1f600}\nname = ü\nlogin_session = ${ARN}\n`,
    ],
  ])('%s', (_title, before, after) => expect(edit(before)).toBe(after))

  test.each<[title: string, section: ConfigSectionName, before: string, after: string]>([
    ['default', profile('default'), '[a]\n', `[a]\n\n[default]\nlogin_session = ${ARN}\n`],
    ['[profile default]', profile('default'), '[profile default]\n', `[profile default]\nlogin_session = ${ARN}\n`],
    [
      'the later of [default] and [profile default]',
      profile('default'),
      '[profile default]\nregion=a\n[default]\nregion=b\n[x]\n',
      `[profile default]\nregion=a\n[default]\nregion=b\nlogin_session = ${ARN}\n[x]\n`,
    ],
    ['a name with a space', profile('a b'), '', `[profile 'a b']\nlogin_session = ${ARN}\n`],
    ['a name with a quote', profile("o'x"), '', `[profile 'o'\\''x']\nlogin_session = ${ARN}\n`],
    ['a name with brackets', profile('a[b]'), '', `[profile a[b]]\nlogin_session = ${ARN}\n`],
    [
      'a session',
      { kind: 'sso-session', name: 'dev' },
      '[profile dev]\n[sso-session dev]\n',
      `[profile dev]\n[sso-session dev]\nlogin_session = ${ARN}\n`,
    ],
  ])('%s', (_title, section, before, after) => expect(edit(before, section)).toBe(after))

  test('several keys', () => {
    expect(edit('[profile dev]\nregion = a\n', profile('dev'), { login_session: ARN, region: 'b', x: 'y' })).toBe(
      `[profile dev]\nregion = b\nlogin_session = ${ARN}\nx = y\n`,
    )
  })
})

describe('what cannot be edited is an error', () => {
  test.each([
    ['a line that is not a key', 'x\n', /text before the first/],
    ['a byte order mark, which the AWS CLI rejects', '\ufeff[profile dev]\n', /the file begins with a byte order mark/],
    ['a duplicate section', '[a]\n[a]\n', /duplicate section/],
  ])('%s', (_title, text, message) => {
    expect(() => edit(text)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_FILE', message: expect.stringMatching(message) }),
    )
  })
  test.each(['a\nb', ' a', 'a '])('the value %j', (value) => {
    expect(() => edit('[profile dev]\nregion=a\n', profile('dev'), { login_session: value })).toThrow(
      /cannot be written to/,
    )
  })
  test.each(['a\nb', 'a\rb'])('the profile name %j', (name) => {
    expect(() => edit('[default]\n', profile(name))).toThrow(/cannot be written to/)
  })
  test('with the path as Windows programs write it', () => {
    expect(() => setConfigValues('', profile('a\nb'), { a: 'b' }, 'C:\\Users\\u/.aws/config')).toThrow(
      /cannot be written to C:\\Users\\u\\\.aws\\config$/,
    )
  })
})

test('any text that parses can be edited, and keeps its other lines', () => {
  const pieces = [
    '[profile dev]',
    '[default]',
    '[b]',
    'k = v',
    '  k2=v',
    '\tx',
    '# c',
    '',
    ' ; d',
    'login_session = o',
    '  [profile c]',
  ]
  let seed = 1
  const random = (limit: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % limit
  }
  let edited = 0
  for (let round = 0; round < 4000; round++) {
    const lines = Array.from({ length: random(9) }, () => pieces[random(pieces.length)] ?? '')
    const text = lines.join(['\n', '\r\n'][random(2)]) + ['', '\n'][random(2)]
    let result: string
    try {
      result = edit(text)
    } catch (error) {
      // Most random texts have duplicate keys.
      expect((error as Error).message).toMatch(/Unable to parse/)
      continue
    }
    edited += 1
    expect(result).toContain(ARN)
    expect(edit(result)).toBe(result)
  }
  expect(edited).toBeGreaterThan(500)
})
