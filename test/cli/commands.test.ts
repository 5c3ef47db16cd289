import { describe, expect, test } from 'vitest'
import { readCommandArguments } from '../../src/cli/args/command-arguments.ts'
import { OPTIONS } from '../../src/cli/args/options.ts'
import { COMMANDS, findCommand, type OwnCommand } from '../../src/cli/commands/index.ts'
import { run } from '../../src/cli/program.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { runtimeWith } from '../support/runtime.ts'

const words = (line: string) => (line === '' ? [] : line.split(' '))

describe('a line calls', () => {
  test.each([
    ['inspect', 'inspect'],
    ['inspect TOKEN', 'inspect'],
    ['inspect --cluster-name demo', 'inspect'],
    ['--region us-east-1 inspect', 'inspect'],
    ['--reg us-east-1 inspect', 'inspect'],
    ['--region=us-east-1 --debug inspect', 'inspect'],
    ['--cluster-name demo inspect', 'inspect'],
    ['--help inspect', 'inspect'],
    ['help inspect', 'inspect'],
    ['inspect inspect', 'inspect'],
    ['inspect eks', 'inspect'],
    ['-- inspect', 'inspect'],
  ])('%s', (line, name) => expect(findCommand(words(line))?.name).toBe(name))
})

describe('a line is for get-token', () => {
  test.each([
    '',
    '--cluster-name inspect',
    '--cluster-name=inspect',
    '--profile inspect --cluster-name demo',
    '--region inspect',
    'eks get-token --cluster-name inspect',
    'eks get-token --cluster-name demo inspect',
    'eks inspect',
    'get-token inspect',
    'help',
    'inspec',
    '--inspect',
    '--c inspect',
  ])('%s', (line) => expect(findCommand(words(line))).toBeUndefined())
})

test('no command has the name of a word or option of the AWS CLI', () => {
  const taken = ['eks', 'get-token', 'help', ...OPTIONS.map(({ name }) => name)]
  expect(COMMANDS.filter(({ name }) => taken.includes(name))).toEqual([])
})

const SPEC: OwnCommand = {
  usage: '',
  description: '',
  footer: '',
  shares: ['cluster-name'],
  options: [{ name: 'context', level: 'own', origin: 'own', value: 'context', help: '' }],
  maxWords: 1,
  run: async () => 0,
}

describe('the line of a command', () => {
  const read = (line: string) => {
    const { words: free, values } = readCommandArguments(words(line), 'doctor', SPEC)
    return [free.join(' '), Object.fromEntries(values)]
  }
  test.each([
    ['doctor', '', {}],
    ['doctor x', 'x', {}],
    ['doctor -', '-', {}],
    ['doctor --context c x', 'x', { context: 'c' }],
    ['--region r doctor --context=c --deb', '', { region: 'r', context: 'c', debug: true }],
    ['doctor --context doctor', '', { context: 'doctor' }],
    ['doctor --cluster-n c', '', { 'cluster-name': 'c' }],
    ['doctor -- -x', '-x', {}],
    ['doctor --help --nope', '', { help: true }],
    ['doctor -h', '', { help: true }],
    ['help doctor', '', { help: true }],
  ])('%s', (line, free, values) => expect(read(line)).toEqual([free, values]))
  test.each([
    ['doctor --nope', /Unknown options: --nope/],
    ['doctor --conte c', /Unknown options: --conte/],
    ['doctor --role-arn r', /Unknown options: --role-arn/],
    ['doctor --no-sign-request', /Unknown options: --no-sign-request/],
    ['doctor x y', /takes one word, and 2 are given/],
    ['doctor --context', /argument --context: expected one argument/],
    ['doctor --output bogus', /Found invalid choice 'bogus'/],
  ])('%s is refused', (line, message) => {
    expect(() => read(line)).toThrowError(
      expect.objectContaining({ code: 'ERR_USAGE', exitCode: 252, message: expect.stringMatching(message) }),
    )
  })
})

describe('the help', () => {
  const print = async (line: string) => {
    const written = { out: '', err: '' }
    const terminal: Terminal = {
      out: (text) => {
        written.out += text
      },
      err: (text) => {
        written.err += text
      },
      stdin: () => ({ isTerminal: true, input: process.stdin }),
      stdout: () => ({ isTerminal: false, columns: undefined }),
      stderr: () => ({ isTerminal: false }),
    }
    return { code: await run(words(line), runtimeWith(), terminal), ...written }
  }
  test.each(COMMANDS.map(({ name }) => name))(
    'of %s is asked for in three ways, and fits on a screen',
    async (name) => {
      const asked = await Promise.all([`${name} --help`, `--help ${name}`, `help ${name}`].map(print))
      expect(asked[0]).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringContaining(`Usage: eks-get-token ${name} `),
      })
      expect(new Set(asked.map(({ out }) => out)).size).toBe(1)
      const lines = asked[0]?.out.split('\n') ?? []
      expect(lines.length).toBeLessThan(45)
      expect(lines.filter((line) => line.length > 100)).toEqual([])
    },
  )
  test('of get-token names them all', async () => {
    const { out } = await print('--help')
    const lines = out.split('\n').map((line) => line.trim().replace(/ {2,}/, ' '))
    for (const { name, summary } of COMMANDS) expect(lines).toContain(`${name} ${summary}`)
  })
  test('--version is the same everywhere', async () => {
    expect(await print('inspect --version')).toEqual(await print('--version'))
  })
  test('a slip of the hand is met with the name', async () => {
    expect((await print('inspekt')).err).toContain('did you mean inspect?')
  })
})
