import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { isIgnored } from '../src/cli/args/option.ts'
import { OPTIONS } from '../src/cli/args/options.ts'
import { COMMANDS } from '../src/cli/commands/index.ts'
import { createToken } from '../src/create-token.ts'
import { ERRORS } from '../src/errors.ts'
import { keys, runtimeWith } from './support/runtime.ts'

const root = (file: string) => new URL(`../${file}`, import.meta.url)
const read = (file: string) => readFileSync(root(file), 'utf8')
const README = read('README.md')

test.each(OPTIONS.filter((option) => !isIgnored(option)))(
  'the table has --$name, in the words of the help',
  ({ name, value, help }) => {
    const option = value === undefined ? `--${name}` : `--${name} <${value}>`
    expect(README).toContain(`| \`${option}\` | ${help} |`)
  },
)

test.each(OPTIONS.filter(isIgnored))('--$name is documented as having no effect', ({ name }) => {
  expect(README).toContain(`\`--${name}\``)
})

test('has every environment variable of this program', () => {
  const sources = readdirSync(root('src/'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const names = new Set(sources.flatMap((file) => read(`src/${file}`).match(/\bEKS_GET_TOKEN_[A-Z_]+\b/g) ?? []))
  // Replaced by the build.
  names.delete('EKS_GET_TOKEN_VERSION')
  expect(names.size).toBeGreaterThan(2)
  expect([...names].filter((name) => !README.includes(`\`${name}`))).toEqual([])
})

test('the table of exit codes has all of them, and no other', () => {
  const table = README.slice(README.indexOf('## Exit codes'), README.indexOf('## As a library'))
  const said = [...table.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]))
  // 1 is the exit code of a check that failed, not of an error.
  const real = [0, 1, ...new Set(Object.values(ERRORS).map(({ exitCode }) => exitCode))]
  expect(said.sort((a, b) => a - b)).toEqual(real.sort((a, b) => a - b))
})

test('the measured times are those that the benchmark wrote', () => {
  const table = (text: string) => text.slice(text.indexOf('| times an empty script')).split('\n\n')[0]?.trim()
  const measured = table(read('bench/RESULTS.md'))
  expect(measured).toContain('| keys in the environment |')
  expect(table(README)).toBe(measured)
  // And nowhere else: a number in another place would become outdated.
  expect(README.replace(measured ?? '', '')).not.toMatch(/\d (ms|MiB)\b/)
})

describe('claims that can be compared with a file', () => {
  const results = read('bench/RESULTS.md')
  test('the version of aws in the table of times is the one that was measured', () => {
    const measured = /aws-cli\/[\d.]*\d/.exec(results)?.[0] ?? 'none'
    const performance = README.slice(README.indexOf('## Performance'), README.indexOf('## Which identity signs'))
    expect(performance).toContain(`\`aws\` is ${measured}`)
    expect(performance).toContain(measured.startsWith('aws-cli/1') ? 'the AWS CLI v1' : 'the AWS CLI v2')
  })
  test('the size of the executable is the measured one', () => {
    const kilobytes = Number(/executable (\d+) KB/.exec(results)?.[1])
    expect(README).toContain(`about ${Math.round(kilobytes / 1000)} MB`)
  })
  test('the reference is the version that the cases were recorded with', () => {
    const version = /AWS CLI v2 \(([\d.]+)\)/.exec(read('docs/differences.md'))?.[1] ?? 'none'
    expect(README).toContain(`the AWS CLI v2 (${version})`)
  })
  test('it says what undoes the migration, and that tests are skipped', () => {
    expect(README).toMatch(/`aws eks\s+update-kubeconfig` again writes `command: aws` back/)
    expect(README).toMatch(/are skipped, and the summary says which and why/)
  })
  test('the cache directories are those of the program', () => {
    const source = read('src/credentials/cache/paths.ts')
    for (const name of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'Library/Caches', '.cache']) {
      expect([source.includes(name), README.includes(name)]).toEqual([true, true])
    }
  })
  test('nothing refers to an address of the project', () => {
    const { repository, homepage, bugs } = JSON.parse(read('package.json')) as Record<string, unknown>
    expect([repository, homepage, bugs]).toEqual([undefined, undefined, undefined])
    expect(README).not.toMatch(/github\.com\/[\w-]+\/eks-get-token|npmjs\.com\/package\/eks-get-token/)
  })
})

describe('the table of symptoms', () => {
  const table = README.slice(README.indexOf('| symptom |'), README.indexOf('## Write the kubeconfig'))
  test.each([...table.matchAll(/^\| [^|]+ \| `([\w-]+)` \|/gm)].map(([, id]) => id ?? ''))(
    'doctor has the check %s',
    (id) => {
      const sources = readdirSync(root('src/cli/commands/doctor/')).map((file) =>
        read(`src/cli/commands/doctor/${file}`),
      )
      expect(sources.some((text) => text.includes(`'${id}'`))).toBe(true)
    },
  )
  test('has a row for a login that has expired, with the messages that the program prints', () => {
    expect(table).toMatch(
      /`The SSO session … has expired`, `Token for … does not exist` .*eks-get-token login --profile NAME/,
    )
    expect(read('src/credentials/sources/sso.ts')).toContain('The SSO session associated with profile')
  })
})

test('the questions are answered', () => {
  const section = README.slice(README.indexOf('## Questions'), README.indexOf('## More'))
  for (const question of ['aws-iam-authenticator', 'When should I not use it', 'Is it safe', 'store on disk']) {
    expect(section).toContain(question)
  }
})

test('the report of doctor is what doctor prints', () => {
  const screen = read('test/cli/screens/doctor-overridden.txt')
  const [, report = ''] = /\n```\n( {2}ok {4}kubeconfig[\s\S]*?) {2}…\n```/.exec(README) ?? []
  // The paths are those of an installation.
  const lines = report.split('\n').filter((line) => line !== '' && !/^ {2}ok {4}(kubeconfig|command) /.test(line))
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.filter((line) => !screen.includes(`${line}\n`))).toEqual([])
})

test('the trace of --debug is what createToken traces', async () => {
  const trace: string[] = []
  const files = { '/home/u/.aws/config': '[profile prod]\nregion = eu-west-1\n' }
  const env = { AWS_PROFILE: 'prod', ...keys('AKIDEXAMPLE') }
  await createToken({ clusterName: 'demo' }, runtimeWith({ env, files, trace }))
  // The first line is that of --version.
  expect(README).toMatch(/--debug --output off\ndebug: eks-get-token\/\S+ node\/\S+\n/)
  expect(README).toContain(`\n${trace.map((line) => `debug: ${line}\n`).join('')}\`\`\``)
})

test('the section that starts with doctor names every command', () => {
  const section = README.slice(README.indexOf('## Unauthorized?'), README.indexOf('## Install'))
  expect(section).toMatch(/^## Unauthorized\?\n\n```console\n\$ eks-get-token doctor\n/)
  for (const name of ['inspect', 'verify', 'doctor']) expect(section).toContain(`| \`eks-get-token ${name} `)
})

test.each(COMMANDS.map(({ name }) => name))('the command %s is in the README', (name) => {
  expect(README).toContain(`eks-get-token ${name}`)
})

test('.ci/run and the README call the same test command', () => {
  expect(README).toContain('npm ci && npm test')
  expect(read('.ci/run')).toMatch(/^npm ci\n(.*\n)*npm test( \| tee "\$output")?$/m)
})

describe('docs/claims.md', () => {
  const plain = (text: string) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\s+/g, ' ')
  const rows = [...read('docs/claims.md').matchAll(/^\| (.+) \| `([^`]+)`: (.+) \|$/gm)].map((match) => match.slice(1))
  test('has claims', () => expect(rows.length).toBeGreaterThan(20))
  test.each(rows)('%s', (claim = '', file = '', title = '') => {
    expect(plain(README)).toContain(claim)
    expect(read(file)).toContain(title)
  })
})

describe('every link has a target', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    ...readdirSync(root('docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
    'test/fixtures/parity/README.md',
    'test/fixtures/output/README.md',
  ]
  test.each(documents.filter((document) => /^docs\/(?!README)/.test(document)))(
    'docs/README.md lists %s',
    (document) => {
      expect(read('docs/README.md')).toContain(`](${document.slice('docs/'.length)})`)
    },
  )
  const headings = (document: string) =>
    [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
  const links = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map((match) => [document, match[1] ?? ''] as const),
  )
  test.each(links)('%s → %s', (document, link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? root(document) : new URL(path, root(document))
    expect(existsSync(target)).toBe(true)
    if (anchor !== undefined) {
      const file = fileURLToPath(target).slice(fileURLToPath(root('')).length)
      expect(headings(file)).toContain(anchor)
    }
  })
  // What npm adds by itself, and what `files` names.
  const packaged = ['README.md', 'LICENSE', 'package.json', ...(JSON.parse(read('package.json')).files as string[])]
  const isPackaged = (file: string) => packaged.some((entry) => file === entry || file.startsWith(`${entry}/`))
  test.each(links.filter(([document]) => isPackaged(document)))('in the package: %s → %s', (document, link) => {
    const [path = ''] = link.split('#')
    const target = path === '' ? root(document) : new URL(path, root(document))
    expect(isPackaged(fileURLToPath(target).slice(fileURLToPath(root('')).length))).toBe(true)
  })
  test.each(documents)('%s links to GitHub at a tag or commit', (document) => {
    const links = [...read(document).matchAll(/https:\/\/github\.com\/[^\s)>]+/g)].map(([url]) => url)
    expect(links.filter((url) => /\/(blob|tree|raw)\/(?!v?\d|[\w-]+-v\d|[0-9a-f]{40}\b)/.test(url))).toEqual([])
  })
})
