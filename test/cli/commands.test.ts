import { describe, expect, test } from 'vitest'
import { OPTIONS } from '../../src/cli/args/options.ts'
import { runSubcommand } from '../../src/cli/commander.ts'
import { COMMANDS, findCommand } from '../../src/cli/commands/index.ts'
import { SUMMARIES } from '../../src/cli/commands/summaries.ts'
import { run } from '../../src/cli/program.ts'
import { defineCommand, type ParsedCommand } from '../../src/cli/subcommand.ts'
import { recordingTerminal } from '../support/recording-terminal.ts'
import { runtimeWith } from '../support/runtime.ts'

const words = (line: string) => (line === '' ? [] : line.split(' '))

describe('a line that calls a subcommand', () => {
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
    ['login', 'login'],
    ['sso login', 'login'],
    ['sso login --profile dev', 'login'],
    ['--profile dev sso login', 'login'],
    ['sso --profile dev login', 'login'],
    ['help login', 'login'],
  ])('%s', (line, name) => expect(findCommand(words(line))?.name).toBe(name))
})

describe('a line for get-token', () => {
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
    'sso',
    'sso list-accounts',
    'inspec',
    '--inspect',
    '--c inspect',
  ])('%s', (line) => expect(findCommand(words(line))).toBeUndefined())
})

test('--login is not the command login', () => {
  expect(findCommand(['--login', 'auto', '--cluster-name', 'login'])).toBeUndefined()
})

test('no command has the name of a word or option of the AWS CLI', () => {
  const options = OPTIONS.filter(({ origin }) => origin === 'aws').map(({ name }) => name)
  const taken = ['eks', 'get-token', 'help', ...options]
  expect(COMMANDS.filter(({ name }) => taken.includes(name))).toEqual([])
})

/** A command of its own, so that the test does not depend on what the real ones do. */
const SPEC = defineCommand({
  usage: '',
  description: '',
  footer: '',
  optionGroups: ['general', 'output', 'credentials'],
  own: (): { context?: string } => ({}),
  ownOptions: [
    {
      name: 'context',
      level: 'own',
      origin: 'own',
      value: 'context',
      help: '',
      set: (own, value) => {
        own.context = value
      },
    },
  ],
  maxPositionals: 1,
  exitCodes: {},
  run: async () => 0,
})
const ENTRY = { name: 'doctor', load: async () => SPEC }

async function runDoctor(line: string) {
  const calls: ParsedCommand[] = []
  const { terminal, written } = recordingTerminal()
  const exitCode = await runSubcommand(ENTRY, words(line), runtimeWith(), terminal, async (_command, call) => {
    calls.push(call)
    return 7
  })
  return { exitCode, call: calls[0], written }
}

describe('the command line of a subcommand', () => {
  test.each([
    ['doctor', '', {}],
    ['doctor x', 'x', {}],
    ['doctor -', '-', {}],
    ['doctor --context c x', 'x', { context: 'c' }],
    ['--region r doctor --context=c --debug', '', { region: 'r', context: 'c', debug: true }],
    ['doctor --context doctor', '', { context: 'doctor' }],
    ['doctor --context a --context b', '', { context: 'b' }],
    ['doctor --no-cache', '', { 'no-cache': true }],
    ['doctor -- -x', '-x', {}],
  ])('%s', async (line, positionals, values) => {
    const { exitCode, call } = await runDoctor(line)
    expect(exitCode).toBe(7)
    expect(call?.positionals.join(' ')).toBe(positionals)
    expect(Object.fromEntries(call?.values ?? [])).toEqual(values)
  })
  test.each(['doctor --help', 'doctor -h', 'help doctor', 'doctor --help --nope', 'doctor --version'])(
    '%s prints and does not run the command',
    async (line) => {
      const { exitCode, call, written } = await runDoctor(line)
      expect({ exitCode, call, err: written.err }).toEqual({ exitCode: 0, call: undefined, err: '' })
      expect(written.out).toMatch(/^(Usage: eks-get-token doctor|eks-get-token\/\d)/)
    },
  )
  test.each([
    ['doctor --nope', "unknown option '--nope'", "run 'eks-get-token doctor --help' for its options"],
    ['doctor --conte c', "unknown option '--conte'", 'did you mean --context?'],
    ['doctor --cluster-name c', "unknown option '--cluster-name'", undefined],
    ['doctor --no-sign-request', "unknown option '--no-sign-request'", undefined],
    ['doctor --prof p', "unknown option '--prof'", 'did you mean --profile?'],
    ['doctor x y', 'too many arguments: doctor takes 1, got 2', undefined],
    ['doctor --context', "option '--context <context>' argument missing", undefined],
    ['doctor --output bogus', "option '--output <format>' argument 'bogus' is invalid. Allowed choices", undefined],
    ['doctor --timeout x', "--timeout is 'x', not a whole number of seconds", undefined],
    ['doctor --k8s-aws-v1.AAAA', "unknown option '--k8s-aws-v1.…'", undefined],
  ])('%s is an error', async (line, message, remedy) => {
    const code = 'ERR_USAGE'
    await expect(runDoctor(line)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      remedy: remedy ?? expect.stringMatching(/./),
    })
  })
})

describe('the help', () => {
  const print = async (line: string) => {
    const { terminal, written } = recordingTerminal()
    return { code: await run(words(line), runtimeWith(), terminal), ...written }
  }
  test.each(COMMANDS.map(({ name }) => name))(
    'of %s can be requested in four ways, and fits into 80 columns',
    async (name) => {
      const printed = await Promise.all([`${name} --help`, `--help ${name}`, `help ${name}`, `${name} help`].map(print))
      expect(printed[0]).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringContaining(`Usage: eks-get-token ${name} `),
      })
      expect(new Set(printed.map(({ out }) => out)).size).toBe(1)
      const lines = printed[0]?.out.split('\n') ?? []
      expect(lines.length).toBeLessThan(80)
      expect(lines.filter((line) => line.length > 80)).toEqual([])
    },
  )
  test('of get-token lists every command', async () => {
    const { out } = await print('--help')
    const text = out.replace(/\s+/g, ' ')
    for (const [name, summary] of Object.entries(SUMMARIES)) expect(text).toContain(` ${name} ${summary} `)
  })
  test('--version is the same everywhere', async () => {
    expect(await print('inspect --version')).toEqual(await print('--version'))
  })
  test.each(['help cache clear', 'help login x'])('%s prints the help of the command', async (line) => {
    const [, name = ''] = words(line)
    expect(await print(line)).toEqual(await print(`${name} --help`))
  })
  test('the error for a mistyped command suggests the closest name', async () => {
    expect((await print('inspekt')).err).toContain('did you mean inspect?')
  })
})

describe('an unknown word after a command: the hint names what was meant', () => {
  const HELP = COMMANDS.map(({ name }) => [`${name} hlep`, `did you mean 'eks-get-token ${name} --help'?`] as const)
  test.each<readonly [string, string]>([
    ...HELP,
    ['completion bsh', "did you mean 'eks-get-token completion bash'?"],
    ['completion tcl', 'use one of: bash, zsh, fish, powershell'],
    ['completion bash zsh', 'use one of: bash, zsh, fish, powershell'],
    ['cache lst', "did you mean 'eks-get-token cache list'?"],
    ['cache clera', "did you mean 'eks-get-token cache clear'?"],
    ['cache x', 'use one of: list, clear'],
    ['cache', "run 'eks-get-token cache list' or"],
    ['login dev', 'did you mean --profile dev?'],
    ['login ss', "did you mean 'eks-get-token login sso'?"],
    ['login status', 'did you mean --status?'],
    ['logout all', 'did you mean --all?'],
    ['logout dev', 'did you mean --profile dev?'],
    ['doctor demo', 'did you mean --context demo or --cluster-name demo?'],
    ['doctor all', 'did you mean --all?'],
    ['convert-kubeconfig ./config', 'did you mean --kubeconfig ./config or --context ./config?'],
    ['convert-kubeconfig restore', 'did you mean --restore?'],
    ['login --porfile x', 'did you mean --profile?'],
    ['login --status --profil x', 'did you mean --profile?'],
    ['login -p dev', 'did you mean --profile?'],
    ['inspect --cluster x', 'did you mean --cluster-name?'],
    ['login --output jsn', "run 'eks-get-token login --help' for its options"],
    ['sso login --output jsn', "run 'eks-get-token login --help' for its options"],
    ['update-kubeconfig --cluster-name x', 'did you mean --name?'],
    ['update-kubeconfig --nmae x', 'did you mean --name?'],
    ['update-kubeconfig demo', 'did you mean --name demo?'],
    ['update-kubeconfig hlp', "did you mean 'eks-get-token update-kubeconfig --help'?"],
    ['update-kubeconfig', "run 'eks-get-token update-kubeconfig --help' for the options"],
    ['update-kubeconfig --name', "run 'eks-get-token update-kubeconfig --help' for the options"],
    ['update-kubeconfig --name a b', "quote a value that contains spaces, or remove 'b'; "],
    ['update-kubeconfig --name a --aliass b', 'did you mean --alias?'],
    ['eks updte-kubeconfig --name x', 'did you mean update-kubeconfig?'],
    ['--cluster x', 'write the option in full'],
  ])('%s', async (line, hint) => {
    const { terminal, written } = recordingTerminal()
    expect(await run(words(line), runtimeWith(), terminal)).toBe(252)
    expect(written.out).toBe('')
    const [, second = '', ...more] = written.err.trimEnd().split('\n')
    expect(second).toContain(`  hint: ${hint}`)
    expect(more).toEqual([])
  })
})

test.each([
  ['AWS_PROFILE', ['--cluster-name', 'demo'], { AWS_PROFILE: 'nope' }],
  ['AWS_DEFAULT_PROFILE', ['--cluster-name', 'demo'], { AWS_DEFAULT_PROFILE: 'nope' }],
  ['--profile', ['--cluster-name', 'demo', '--profile', 'nope'], {}],
  ['--profile', ['update-kubeconfig', '--name', 'demo', '--profile', 'nope'], {}],
])('--debug says that %s has chosen a profile that does not exist, before the error', async (source, line, env) => {
  const { terminal, written } = recordingTerminal()
  expect(await run([...line, '--debug'], runtimeWith({ env }), terminal)).toBe(255)
  expect(written.err).toMatch(/^debug: eks-get-token\/\S+ node\/20\.0\.0\ndebug: profile: nope \(/)
  expect(written.err).toContain(
    `debug: profile: nope (${source})\ndebug: files: /home/u/.aws/config, /home/u/.aws/credentials\n`,
  )
  expect(written.err.indexOf('debug: files')).toBeLessThan(written.err.indexOf('eks-get-token: The config profile'))
})
