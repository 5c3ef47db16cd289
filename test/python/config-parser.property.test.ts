import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { parseIni } from '../../src/python/config-parser.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// What the AWS CLI does with a file: https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/configloader.py
const REFERENCE = `
import configparser, io, json, sys

def nested(text):
    pairs = (line.strip().split('=', 1) for line in text.splitlines() if line.strip())
    return {key.strip(): value.strip() for key, value in pairs}

def parse(text):
    parser = configparser.RawConfigParser(default_section='DEFAULT')
    try:
        parser.read_file(io.StringIO(text, newline=None))
    except configparser.ParsingError as error:
        return ['invalid', error.errors[0][0] if getattr(error, 'errors', None) else error.lineno]
    except configparser.DuplicateSectionError as error:
        return ['duplicate section', error.lineno]
    except configparser.DuplicateOptionError as error:
        return ['duplicate key', error.lineno]
    sections = []
    for name in parser.sections():
        values = []
        for key in parser.options(name):
            value = parser.get(name, key)
            try:
                values.append([key, nested(value) if value.startswith('\\n') else value])
            except ValueError:
                return ['nested', 0]
        sections.append([name, sorted(values)])
    return sections

json.dump([parse(text) for text in json.load(sys.stdin)], sys.stdout)
`

const TEXTS = 4000

const python = spawnSync('python3', ['-c', 'import configparser, sys; sys.exit(sys.version_info >= (3, 13))'])
const missing = python.status === 0 ? undefined : 'no python3 before 3.13 on PATH: the AWS CLI 2.36.7 parses like 3.12'

// prettier-ignore
const PIECES = [
  '\n',
  '\n',
  '\n',
  '\n ',
  '\n  ',
  '\n\t',
  '\r\n',
  '\r',
  ' ',
  '  ',
  '\t',
  '\v',
  '\f',
  '\x1c',
  '\x85',
  '\xa0',
  '\u2028',
  '\ufeff',
  '[a]',
  '[b]',
  '[profile c]',
  '[DEFAULT]',
  '[',
  ']',
  '[]',
  '=',
  ':',
  '= v',
  '# x',
  '; x',
  'k',
  'K',
  'é',
  'İ',
  '"',
  '\0',
  '\nk = v',
  '\nK=w',
  '\nl : w',
  '\nm =',
  '\nn = v\n  w',
  '\ns3 =\n  x = y',
  '\n  z = 1',
  '\n  z',
  '\n\n',
  '\n# c',
  '\n[a]\n',
  '\n[d]\n',
]

/** Numbers below a limit, from a linear congruential generator: the same in every run. */
function generator(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 8) % limit
  }
}

function randomText(random: (limit: number) => number): string {
  const pieces = Array.from({ length: random(16) }, () => PIECES[random(PIECES.length)])
  return (random(3) > 0 ? '[z]\n' : '') + pieces.join('')
}

const KEY_LINES = [
  '\nk = v',
  '\nl=w',
  '\nl :w',
  '\nm = a = b',
  '\nM =',
  '\n# c',
  '\n  ; d',
  '\n \t',
  '\n',
  '\nn = v\n  w',
  '\r\no=',
]

/** Sections that are mostly alike, in a text that is long enough for a template, with something else at a few places. */
function randomAlikeSections(random: (limit: number) => number): string {
  const piece = () => PIECES[random(PIECES.length)] ?? ''
  const keyLines = random(4) > 0 ? KEY_LINES.slice(0, -2) : KEY_LINES
  const body = () => Array.from({ length: random(6) }, () => keyLines[random(keyLines.length)]).join('')
  const bodies = Array.from({ length: 1 + random(3) }, body)
  const section = (_: unknown, index: number) =>
    `\n[s${index}]${bodies[random(bodies.length)]}${random(25) === 0 ? piece() : ''}`
  return `${Array.from({ length: 20 }, section).join('')}\n#${'x'.repeat(8192)}`
}

/** The result in the form of the reference. */
function parse(text: string): unknown {
  try {
    const sections = parseIni(text, 'f')
    return [...sections.keys()].map((name) => {
      const values = [...(sections.get(name) ?? [])].map(([key, value]) => [
        key,
        typeof value === 'string' ? value : Object.fromEntries(value),
      ])
      return [name, values.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))]
    })
  } catch (error) {
    const { message } = error as Error
    const line = Number(/line (\d+)/.exec(message)?.[1])
    if (message.includes('nested section')) return ['nested', 0]
    if (message.includes('duplicate section')) return ['duplicate section', line]
    return [message.includes('duplicate key') ? 'duplicate key' : 'invalid', line]
  }
}

describe('random config files', skipUnlessAvailable(missing), () => {
  test('are parsed, and rejected with the line, as by the parser of Python', () => {
    const random = generator(20_261_125)
    const texts = [
      ...Array.from({ length: TEXTS }, () => randomText(random)),
      ...Array.from({ length: TEXTS / 4 }, () => randomAlikeSections(random)),
    ]
    const { stdout } = spawnSync('python3', ['-c', REFERENCE], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    const expected = JSON.parse(stdout) as unknown[]
    const results = texts.map(parse)
    const different = texts.flatMap((text, index) => {
      const pair = [results[index], expected[index]].map((result) => JSON.stringify(result))
      return pair[0] === pair[1] ? [] : [{ text, result: pair[0], expected: pair[1] }]
    })
    expect(different).toEqual([])
    // Of both kinds there are many.
    const valid = results.filter((result) => Array.isArray((result as unknown[])[0])).length
    expect(valid).toBeGreaterThan(TEXTS / 20)
    expect(results.filter((result) => typeof (result as unknown[])[0] === 'string').length).toBeGreaterThan(TEXTS / 20)
  })
})
