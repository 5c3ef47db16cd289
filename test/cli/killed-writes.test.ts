import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { whyNoMount } from '../support/mounts.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// A run is killed before each change that it makes to the file system, and in the middle of each write: the kubeconfig then is
// the old one or the new one, and the next run is not hindered by what was left and leaves nothing itself.

const SAMPLE = readFileSync(new URL('../fixtures/kubeconfig/corpus/02-awscli-three.yaml', import.meta.url), 'utf8')

let aws: LocalAws
let directory: string
beforeAll(async () => {
  aws = await startLocalAws()
  directory = mkdtempSync(join(tmpdir(), 'eks-get-token-killed-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await aws.close()
})

interface Scenario {
  readonly argv: readonly string[]
  /** Commands before, which are not killed. */
  readonly before?: readonly (readonly string[])[]
  readonly isNew?: boolean
  readonly place?: 'hard link' | 'bind mount'
}

const UPDATE = ['update-kubeconfig', '--name', 'demo']
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'update-kubeconfig, a new file': { argv: UPDATE, isNew: true },
  'update-kubeconfig, a file that is replaced': { argv: UPDATE },
  'update-kubeconfig, a file with a hard link': { argv: UPDATE, place: 'hard link' },
  'update-kubeconfig, a file that is a mount point': { argv: UPDATE, place: 'bind mount' },
  'convert-kubeconfig, a file that is replaced': { argv: ['convert-kubeconfig'] },
  'convert-kubeconfig, a file with a hard link': { argv: ['convert-kubeconfig'], place: 'hard link' },
  'convert-kubeconfig --restore, a file that is replaced': {
    argv: ['convert-kubeconfig', '--restore'],
    before: [['convert-kubeconfig']],
  },
  'convert-kubeconfig --restore, a file with a hard link': {
    argv: ['convert-kubeconfig', '--restore'],
    before: [['convert-kubeconfig']],
    place: 'hard link',
  },
}

class Home {
  readonly path = mkdtempSync(join(directory, 'home-'))
  readonly kube = join(this.path, '.kube')
  readonly file = join(this.kube, 'config')
  readonly #scenario: Scenario

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    mkdirSync(this.kube)
    if (!scenario.isNew) writeFileSync(this.file, SAMPLE, { mode: 0o600 })
  }

  async prepare(): Promise<void> {
    for (const argv of this.#scenario.before ?? []) expect(await this.run(argv)).toMatchObject({ code: 0 })
    if (this.#scenario.place === 'hard link') linkSync(this.file, join(this.path, 'link'))
    if (this.#scenario.place === 'bind mount') {
      cpSync(this.file, join(this.path, 'real'))
      execFileSync('mount', ['--bind', join(this.path, 'real'), this.file])
    }
  }

  remove(): void {
    if (this.#scenario.place === 'bind mount') execFileSync('umount', ['-l', this.file])
    rmSync(this.path, { recursive: true, force: true })
  }

  run(argv: readonly string[], killAt?: number) {
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: this.path,
      LANG: 'C.UTF-8',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: 'eu-west-1',
      HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
      AWS_CA_BUNDLE: aws.authority.file,
      ...keys('AKIDEXAMPLE'),
    }
    const kill = killAt === undefined ? {} : { kill: { at: killAt, below: this.path, log: `${this.path}.log` } }
    return runInProcess(argv, { env, cwd: this.path, timeoutMs: 60_000, ...kill })
  }

  text(): string | undefined {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : undefined
  }

  /** The kubeconfig and whatever else was left. */
  files(): string[] {
    return (
      readdirSync(this.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(this.path.length + 1))
        // What --restore needs stays if it has nothing to do; its name depends on the path.
        .filter((name) => !/^\.local\/state\/.*\/[0-9a-f]{64}\.json$/.test(name))
        .sort()
    )
  }

  /** As if the run had been an hour ago. */
  age(): void {
    const old = new Date(Date.now() - 3_600_000)
    for (const name of this.files()) if (/\.(tmp|backup)$/.test(name)) utimesSync(join(this.path, name), old, old)
  }
}

/** The changes of a run that is not killed, and what it leaves. */
async function record(scenario: Scenario) {
  const home = new Home(scenario)
  try {
    await home.prepare()
    const before = home.text()
    expect(await home.run(scenario.argv, 0)).toMatchObject({ code: 0, stderr: '' })
    const changes = readFileSync(`${home.path}.log`, 'utf8').trimEnd().split('\n')
    return { before, after: home.text(), changes, files: home.files() }
  } finally {
    home.remove()
  }
}

const noMount = whyNoMount()
/** It is killed by a script that Node loads first. */
const notNode = /\bnode[^/]*$/.test(eksGetToken()[0]) ? undefined : 'the command that is tested is not run by Node'

describe.each(Object.entries(SCENARIOS))('%s', (_, scenario) => {
  const options = skipUnlessAvailable(notNode ?? (scenario.place === 'bind mount' ? noMount : undefined))
  test('killed at every moment', { ...options, timeout: 240_000 }, async () => {
    const { before, after, changes, files } = await record(scenario)
    expect(after).not.toBe(before)
    const isInPlace = scenario.place !== undefined
    expect(changes.some((change) => change.startsWith('renameSync /.kube/'))).toBe(scenario.place !== 'hard link')
    const check = async (killAt: number): Promise<void> => {
      const home = new Home(scenario)
      const moment = `${killAt}: ${changes[killAt - 1]}`
      try {
        await home.prepare()
        expect([moment, (await home.run(scenario.argv, killAt)).signal]).toEqual([moment, 'SIGKILL'])
        const text = home.text()
        if (isInPlace && text !== before && text !== after) {
          const backup = home.files().find((name) => name.endsWith('.backup')) ?? 'no backup'
          expect([moment, readFileSync(join(home.path, backup), 'utf8')]).toEqual([moment, before])
          // The user does what the name of the backup suggests.
          writeFileSync(home.file, before ?? '')
        } else expect([moment, before, after]).toContain(text)
        home.age()
        const next = await home.run(scenario.argv)
        expect([moment, next.code, next.stderr, home.text()]).toEqual([moment, 0, '', after])
        expect([moment, ...home.files()]).toEqual([moment, ...files])
      } finally {
        home.remove()
      }
    }
    const moments = changes.map((_change, index) => index + 1)
    const worker = async (): Promise<void> => {
      for (let next = moments.shift(); next !== undefined; next = moments.shift()) await check(next)
    }
    await Promise.all([worker(), worker()])
  })
})
