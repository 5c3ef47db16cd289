import { beforeAll, describe, expect, test } from 'vitest'
import {
  type CommandSyntax,
  candidatesFor,
  type ValueSources,
} from '../../../src/cli/commands/completion/candidates.ts'
import { manPage } from '../../../src/cli/commands/completion/man-page.ts'
import { commandSyntax } from '../../../src/cli/commands/completion/syntax.ts'
import { COMMANDS } from '../../../src/cli/commands/index.ts'
import { run } from '../../../src/cli/program.ts'
import { recordingTerminal } from '../../support/recording-terminal.ts'
import { runtimeWith } from '../../support/runtime.ts'

const SOURCES: ValueSources = {
  profiles: () => ['default', 'dev', 'with space', 'evil\u001b[2J', 'two\nlines', 'dev'],
  ssoSessions: () => ['corp'],
  regions: () => ['eu-central-1', 'eu-west-1', 'us-east-1'],
  contexts: () => ['arn:aws:eks:eu-west-1:111122223333:cluster/demo', 'local'],
  clusters: () => ['demo', 'data'],
}

let commands: readonly CommandSyntax[]
beforeAll(async () => {
  commands = await commandSyntax(COMMANDS)
})
const complete = (line: string) => candidatesFor(line.split(' '), commands, SOURCES).map(({ value }) => value)

test('nothing typed: commands and options', () => {
  const values = complete('')
  expect(values).toEqual(expect.arrayContaining(['doctor', 'update-kubeconfig', 'login', '--cluster-name']))
  expect(values.filter((value) => !value.startsWith('-'))).toEqual([
    'update-kubeconfig',
    ...COMMANDS.map(({ name }) => name),
  ])
})

test.each<[string, string[]]>([
  ['do', ['doctor']],
  ['help con', ['convert-kubeconfig']],
  ['cache ', ['list', 'clear']],
  ['cache l', ['list']],
  ['cache list x', []],
  ['completion z', ['zsh']],
  ['--profile d', ['default', 'dev']],
  ['--profile=d', ['--profile=default', '--profile=dev']],
  ['--profile w', ['with space']],
  ['--profile evil', []],
  ['--profile two', []],
  ['--region eu-', ['eu-central-1', 'eu-west-1']],
  ['eks get-token --cluster-name d', ['demo', 'data']],
  ['--output ta', ['table']],
  ['--output=ta', ['--output=table']],
  ['--profile dev doc', []],
  ['--clu', ['--cluster-name', '--cluster-id']],
  ['--cluster-name demo --clu', ['--cluster-id']],
  ['--cluster-name --clu', []],
  ['doctor --context l', ['local']],
  ['doctor --context arn:aws:eks:eu', ['arn:aws:eks:eu-west-1:111122223333:cluster/demo']],
  ['update-kubeconfig --na', ['--name', '--namespace']],
  ['eks update-kubeconfig --name d', ['demo', 'data']],
  ['update-kubeconfig --reg', ['--region']],
  ['update-kubeconfig --pro', ['--proxy-url', '--profile']],
  ['update-kubeconfig --ou', []],
  ['update-kubeconfig --kubeconfig ', []],
  ['login --sso-session ', ['corp']],
  ['--no-such --prof', ['--profile']],
])('%j', (line, expected) => expect(complete(line)).toEqual(expected))

test('every option of every command is offered, with its description', () => {
  for (const { name, options } of commands) {
    const offered = candidatesFor([...(name === '' ? [] : [name]), '--'], commands, SOURCES)
    const effective = options.filter(({ help }) => help !== '')
    expect(offered.map(({ value }) => value)).toEqual(effective.map((option) => `--${option.name}`))
    expect(offered.filter(({ description }) => !description)).toEqual([])
  }
})

test('every choice of every option is offered as its value', () => {
  const withChoices = commands.flatMap(({ name, options }) =>
    options.flatMap((option) =>
      option.choices && option.help !== '' ? [{ name, option, choices: option.choices }] : [],
    ),
  )
  expect(withChoices.length).toBeGreaterThan(10)
  for (const { name, option, choices } of withChoices) {
    const values = complete([...(name === '' ? [] : [name]), `--${option.name}`, ''].join(' '))
    expect([name, option.name, values]).toEqual([name, option.name, [...choices]])
  }
})

describe('the man page', () => {
  test('has every command and every option, and no character that roff would interpret', async () => {
    const page = await manPage(COMMANDS)
    for (const { name, options } of commands) {
      if (name !== '') expect(page).toContain(`.SS ${name.replaceAll('-', '\\-')}`)
      for (const option of options) expect(page).toContain(`\\-\\-${option.name.replaceAll('-', '\\-')}`)
    }
    // Without UTF-8, roff has no other characters.
    expect(page).toMatch(/^[\x20-\x7e\n]+$/)
    const requests = page.split('\n').filter((line) => /^[.']/.test(line))
    expect(requests.filter((line) => !/^\.(TH|SH|SS|TP|PP|B|BR|I|RS|RE|nf|fi|br)\b/.test(line))).toEqual([])
  })
  test('has its sections in the order of man-pages(7), and the options in that of --help', async () => {
    const page = (await manPage(COMMANDS)).replaceAll('\\-', '-')
    expect(page.match(/(?<=^\.SH ).*/gm)).toEqual([
      ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'COMMANDS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES'],
      ...['EXAMPLES', 'SEE ALSO'],
    ])
    const [, listed = ''] = /^\.SH OPTIONS$(.*?)^\.PP$/ms.exec(page) ?? []
    const { terminal, written } = recordingTerminal()
    await run(['--help'], runtimeWith(), terminal)
    const [, options = ''] = /^Options:$(.*?)^Commands/ms.exec(written.out) ?? []
    expect(listed.match(/(?<=^\.TP\n(\\fB-h\\fR, )?\\fB)--[\w-]+/gm)).toEqual(
      options.match(/(?<=^ {2}(-h, )?)--[\w-]+/gm),
    )
    expect(page).toContain('\nAdd a cluster to the kubeconfig, or update it.\n')
  })
})
