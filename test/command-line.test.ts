import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandLine, continuedLine, optionWithValue, quoteWord, withVariables } from '../src/command-line.ts'
import { windowsSplit } from '../src/python/shlex.ts'

describe('a word of a proposed command', () => {
  test.each([
    ['dev', 'dev', 'dev'],
    ['arn:aws:iam::123456789012:role/a', 'arn:aws:iam::123456789012:role/a', 'arn:aws:iam::123456789012:role/a'],
    ['me@example.com', 'me@example.com', 'me@example.com'],
    ['two words', "'two words'", '"two words"'],
    ['Jürgen', "'Jürgen'", '"Jürgen"'],
    ['开发', "'开发'", '"开发"'],
    ["it's", "'it'\\''s'", '"it\'s"'],
    ['R&D', "'R&D'", '"R&D"'],
    ['a|b<c>d^e;f,g(h){i}#j!k*l?', "'a|b<c>d^e;f,g(h){i}#j!k*l?'", '"a|b<c>d^e;f,g(h){i}#j!k*l?"'],
    ['a,b', 'a,b', '"a,b"'],
    ['@team', '@team', '"@team"'],
    ['~/x', "'~/x'", '"~/x"'],
    ['-a.b', '-a.b', '"-a.b"'],
    ['-a:b', '-a:b', '"-a:b"'],
    ['--', '--', '--'],
    ['50%', '50%', '"50%"'],
    ['%PATH%', '%PATH%', '"%PATH%"'],
    ['', "''", '""'],
    ['C:\\Users\\me\\.kube\\config', "'C:\\Users\\me\\.kube\\config'", 'C:\\Users\\me\\.kube\\config'],
    ['C:\\dir\\', "'C:\\dir\\'", 'C:\\dir\\'],
    ['C:\\my dir\\', "'C:\\my dir\\'", '"C:\\my dir\\\\"'],
    ['\\\\server\\home$\\me', "'\\\\server\\home$\\me'", '"\\\\server\\home$\\me"'],
    ['cost$', "'cost$'", '"cost$"'],
    // What the two shells of Windows read differently is left out.
    ['a$b', "'a$b'", '"a…b"'],
    ['$(calc)', "'$(calc)'", '"…(calc)"'],
    ['a`b', "'a`b'", '"a…b"'],
    ['say "x" & calc', '\'say "x" & calc\'', '"say …x… & calc"'],
    ['a“b”c„d', "'a“b”c„d'", '"a…b…c…d"'],
    ['a\ncalc', "'a\ncalc'", '"a…calc"'],
  ])('%j is %s for a POSIX shell and %s on Windows', (word, posix, windows) => {
    expect([quoteWord(word, 'linux'), quoteWord(word, 'darwin'), quoteWord(word, 'win32')]).toEqual([
      posix,
      posix,
      windows,
    ])
  })

  /** The characters that one of the parsers knows, and a few others. */
  const word = fc.string({ unit: fc.constantFrom(...'ab1 é\\/\'"`$%&|<>^();,{}#@!*?~=+-.:_“”„\t\n') })

  test('on Windows is one word for cmd.exe, in which it runs nothing, and for the C runtime', () => {
    fc.assert(
      fc.property(word, (text) => {
        const quoted = quoteWord(text, 'win32')
        const [before = '', inside = '', after = '', ...more] = quoted.split('"')
        // Between quotes cmd.exe takes all but % as it is.
        expect([before + after, more]).toEqual([expect.not.stringMatching(/[&|<>^()%!\s]/), []])
        expect(inside).not.toMatch(/[\r\n]/)
        expect(windowsSplit(quoted)).toEqual([shownText(text)])
      }),
    )
  })
  test('on Windows is one word for PowerShell, in which it expands nothing', () => {
    fc.assert(
      fc.property(word, (text) => {
        const quoted = quoteWord(text, 'win32')
        if (!quoted.startsWith('"')) {
          // A token that is neither a splat, a number with an operator, nor a parameter with a colon or a dot.
          expect(quoted).toMatch(/^[\w./\\:+=@-]+$/)
          expect(quoted).not.toMatch(/^@|^-.*[.:]/)
          return
        }
        const inside = quoted.slice(1, -1)
        expect(inside).not.toMatch(/["`“”„]|\$[\w({?^$:]/)
        // It passes a word with blanks in quotes; some versions double the backslashes before the closing one.
        for (const end of ['', /\\*$/.exec(inside)?.[0] ?? '']) {
          const [passed, ...others] = windowsSplit(/\s/.test(inside) ? `"${inside}${end}"` : inside) ?? []
          expect(others).toEqual([])
          if (inside !== '') expect(passed?.replace(/\\+$/, '')).toBe(shownText(text).replace(/\\+$/, ''))
        }
      }),
    )
  })
})

/** A word with `…` for what Windows cannot be told. */
function shownText(word: string): string {
  return /^[^"`“”„$\t\n]*$/.test(word) ? word : word.replace(/["`“”„\t\n]|\$(?=[^\\/ .,-])/g, '…')
}

test('an empty value, whose word PowerShell would drop, is joined to its option', () => {
  expect([optionWithValue('profile', '', 'linux'), optionWithValue('profile', '', 'win32')]).toEqual([
    "--profile ''",
    '--profile=',
  ])
  expect(optionWithValue('profile', 'a b', 'win32')).toBe('--profile "a b"')
})

describe('a whole command', () => {
  test.each([
    [['aws-vault', 'exec', 'a b', '--', 'x'], "aws-vault exec 'a b' -- x", 'aws-vault exec "a b" -- x'],
    [['C:\\bin\\a.exe', 'x'], "'C:\\bin\\a.exe' x", 'C:\\bin\\a.exe x'],
    // For PowerShell a quoted program is a text.
    [['C:\\Program Files\\a.exe', 'x'], "'C:\\Program Files\\a.exe' x", undefined],
    [['a', 'x$y'], "a 'x$y'", undefined],
  ])('%j', (words, posix, windows) => {
    expect([commandLine(words, 'linux'), commandLine(words, 'win32')]).toEqual([posix, windows])
  })
  test('with variables: on Windows a remark names them', () => {
    const variables = { AWS_PROFILE: 'a b', HTTPS_PROXY: 'http://proxy:3128' }
    expect([withVariables('x y', {}, 'linux'), withVariables('x y', {}, 'win32', "'")]).toEqual(['x y', "'x y'"])
    expect([withVariables('x y', variables, 'linux', "'"), withVariables('x y', variables, 'win32', "'")]).toEqual([
      "'AWS_PROFILE='a b' HTTPS_PROXY=http://proxy:3128 x y'",
      "'x y' (with AWS_PROFILE set to a b and HTTPS_PROXY set to http://proxy:3128)",
    ])
  })
  test('that is long: on Windows on one line', () => {
    expect([continuedLine(['a', 'b', 'c'], 'linux'), continuedLine(['a', 'b', 'c'], 'win32')]).toEqual([
      'a \\\n  b \\\n  c',
      'a b c',
    ])
  })
})
