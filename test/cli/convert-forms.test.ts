import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { eksGetToken } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { whyNoMount } from '../support/mounts.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-forms-'))
  mkdirSync(join(home, '.kube'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const file = () => join(home, '.kube', 'config')
const convert = (...words: readonly string[]) =>
  runInProcess(['convert-kubeconfig', ...words], { env: { PATH: '/usr/bin:/bin', HOME: home }, cwd: home })

const API = 'client.authentication.k8s.io/v1beta1'
const ARGS = '[eks, get-token, --cluster-name, a]'
const withUsers = (users: string) => `apiVersion: v1
kind: Config
clusters:
- {name: c, cluster: {server: "https://x"}}
contexts:
- {name: k, context: {cluster: c, user: u}}
current-context: k
users:
${users}`
/** One user, whose exec block has these lines. */
const exec = (lines: string) =>
  withUsers(`- name: u\n  user:\n    exec:\n${`apiVersion: ${API}\n${lines}\n`.replace(/^(?=.)/gm, '      ')}`)

describe('forms of kubeconfigs', () => {
  /** The text, and the arguments of each user after the conversion. */
  const FORMS: Readonly<Record<string, readonly [string, ...string[]]>> = {
    'an anchor of an exec block': [
      withUsers(
        `- name: u\n  user:\n    exec: &e\n      apiVersion: ${API}\n      command: aws\n      args: ${ARGS}\n- name: v\n  user: {exec: *e}\n`,
      ),
      'eks get-token --cluster-name a',
      'eks get-token --cluster-name a',
    ],
    'an anchor of a user': [
      withUsers(
        `- name: u\n  user: &u\n    exec:\n      command: aws-iam-authenticator\n      args: [token, -i, a]\n- name: v\n  user: *u\n`,
      ),
      'eks get-token --cluster-name a --output json',
      'eks get-token --cluster-name a --output json',
    ],
    'an anchor of arguments': [
      withUsers(
        '- {name: u, user: {exec: {command: aws-iam-authenticator, args: &a [token, -i, a]}}}\n- {name: v, user: {exec: {command: aws-iam-authenticator, args: *a}}}\n',
      ),
      'eks get-token --cluster-name a --output json',
      'eks get-token --cluster-name a --output json',
    ],
    'a merge key': [
      withUsers(
        `- name: u\n  user:\n    exec: &b\n      command: aws\n      args: ${ARGS}\n- name: v\n  user:\n    exec:\n      <<: *b\n      args: [eks, get-token, --cluster-name, b]\n`,
      ),
      'eks get-token --cluster-name a',
      'eks get-token --cluster-name b',
    ],
    'CRLF and a BOM': [
      `\ufeff${exec('command: aws-iam-authenticator\nargs:\n- token\n- -i\n- a').replaceAll('\n', '\r\n')}`,
      'eks get-token --cluster-name a --output json',
    ],
    'JSON with tabs': [
      JSON.stringify(
        {
          users: [{ name: 'u', user: { exec: { command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'a'] } } }],
        },
        null,
        '\t',
      ),
      'eks get-token --cluster-name a',
    ],
    'comments between arguments': [
      exec('command: aws-iam-authenticator # auth\nargs:\n# first\n- token\n- -i # id\n- a\n# last\nenv: null'),
      'eks get-token --cluster-name a --output json',
    ],
    'arguments on several lines in flow style': [
      exec('command: aws-iam-authenticator\nargs: ["token", "-i",\n    "a", # comment\n    "--role", \'arn:a\',\n  ]'),
      'eks get-token --cluster-name a --output json --role arn:a',
    ],
    'block scalars': [
      exec('command: >-\n  aws\nargs:\n- |-\n  eks\n- get-token\n- --cluster-name\n- >-\n  a'),
      'eks get-token --cluster-name a',
    ],
    'two documents': [
      `${exec(`command: aws\nargs: ${ARGS}`)}---\nusers: [{name: z, user: {exec: {command: aws, args: ${ARGS}}}}]\n`,
      'eks get-token --cluster-name a',
    ],
    'document markers': [`# top\n---\n${exec(`command: aws\nargs: ${ARGS}`)}...\n`, 'eks get-token --cluster-name a'],
    'a Windows path with spaces': [
      exec(`command: "C:\\\\Program Files\\\\Amazon\\\\AWSCLIV2\\\\aws.exe"\nargs: ${ARGS}`),
      'eks get-token --cluster-name a',
    ],
    'a path with spaces': [exec(`command: /Users/some one/bin/aws\nargs: ${ARGS}`), 'eks get-token --cluster-name a'],
    'no line break at the end': [exec(`command: aws\nargs: ${ARGS}`).trimEnd(), 'eks get-token --cluster-name a'],
  }

  test.each(Object.entries(FORMS))('%s', async (_, [text, ...expected]) => {
    writeFileSync(file(), text)
    expect(await convert()).toMatchObject({ code: 0 })
    const { users } = parseDocument(readFileSync(file(), 'utf8').replace('\ufeff', ''), { merge: true }).toJS() as {
      users: { user: { exec: { command: string; args: string[] } } }[]
    }
    expect(users.map(({ user }) => [user.exec.command, user.exec.args.join(' ')])).toEqual(
      expected.map((args) => ['eks-get-token', args]),
    )
    expect(await convert('--restore')).toMatchObject({ code: 0, stdout: expect.stringContaining('(byte for byte)') })
    expect(readFileSync(file(), 'utf8')).toBe(text)
  })
})

describe('files that cannot just be replaced are converted and restored', () => {
  const TEXT = exec(`command: aws\nargs: ${ARGS}`)
  const real = () => join(home, 'real')
  const roundTrip = async (path: () => string) => {
    const before = statSync(path())
    expect(await convert()).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(path(), 'utf8')).toContain('command: eks-get-token')
    expect(await convert('--restore')).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(path(), 'utf8')).toBe(TEXT)
    const { mode, uid, gid, nlink } = statSync(path())
    expect([mode, uid, gid, nlink]).toEqual([before.mode, before.uid, before.gid, before.nlink])
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
  }

  test('a chain of links, relative and absolute', async () => {
    writeFileSync(real(), TEXT, { mode: 0o640 })
    symlinkSync(real(), join(home, 'second'))
    symlinkSync('../second', file())
    await roundTrip(real)
    expect(lstatSync(file()).isSymbolicLink()).toBe(true)
  })

  test('a hard link', async () => {
    writeFileSync(real(), TEXT)
    linkSync(real(), file())
    await roundTrip(real)
  })

  const isRoot = process.getuid?.() === 0
  test('a file of another user', skipUnlessAvailable(isRoot ? undefined : 'another user needs root'), async () => {
    writeFileSync(file(), TEXT, { mode: 0o600 })
    chownSync(file(), 65534, 65534)
    await roundTrip(file)
  })

  test('a mount point', skipUnlessAvailable(whyNoMount()), async () => {
    writeFileSync(real(), TEXT)
    writeFileSync(file(), '')
    execFileSync('mount', ['--bind', real(), file()])
    try {
      await roundTrip(real)
    } finally {
      execFileSync('umount', ['-l', file()])
    }
  })

  test('a link to nothing is no file, and a device is one without users', async () => {
    symlinkSync('nowhere', file())
    expect(await convert()).toMatchObject({ code: 255, stderr: expect.stringContaining(`${file()} does not exist`) })
    expect(await convert('--kubeconfig', '/dev/null')).toMatchObject({ code: 0, stderr: '' })
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    expect(readdirSync(home)).toEqual(['.kube'])
  })

  test(
    'a file in a directory that the user cannot write to',
    skipUnlessAvailable(isRoot ? undefined : 'another user needs root'),
    () => {
      const user = 65534
      writeFileSync(file(), TEXT, { mode: 0o600 })
      execFileSync('chown', ['-R', `${user}`, home])
      chmodSync(join(home, '.kube'), 0o555)
      const [program, ...words] = eksGetToken()
      const convertAsUser = (...own: readonly string[]) => {
        const { status, stderr } = spawnSync(program, [...words, 'convert-kubeconfig', ...own], {
          env: { PATH: '/usr/bin:/bin', HOME: home },
          cwd: home,
          uid: user,
          gid: user,
          encoding: 'utf8',
        })
        expect([status, stderr]).toEqual([0, ''])
        expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
        expect(readdirSync(join(home, '.cache', 'eks-get-token'), { recursive: true })).toEqual(['locks'])
      }
      convertAsUser()
      expect(readFileSync(file(), 'utf8')).toContain('command: eks-get-token')
      convertAsUser('--restore')
      expect(readFileSync(file(), 'utf8')).toBe(TEXT)
    },
  )
})

describe('a full disk', skipUnlessAvailable(whyNoMount()), () => {
  const kube = () => join(home, '.kube')
  const text = `${exec(`command: aws\nargs: ${ARGS}`)}${'# comment\n'.repeat(400)}`
  beforeEach(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k,mode=700', 'tmpfs', kube()])
    writeFileSync(file(), text)
  })
  afterEach(() => {
    execFileSync('umount', ['-l', kube()])
  })

  const fill = () => {
    try {
      for (let index = 0; index < 16; index++) writeFileSync(join(kube(), `filler-${index}`), Buffer.alloc(4096))
    } catch {
      // The disk is full.
    }
  }
  const empty = () => {
    for (const name of readdirSync(kube())) if (name.startsWith('filler-')) rmSync(join(kube(), name))
  }
  const expectUnchanged = async (...words: readonly string[]) => {
    const [before, files] = [readFileSync(file(), 'utf8'), readdirSync(kube())]
    const { code, stdout, stderr } = await convert(...words)
    expect([code, stdout, stderr]).toEqual([255, '', expect.stringContaining('no space left on the device')])
    expect(readFileSync(file(), 'utf8')).toBe(before)
    expect(readdirSync(kube())).toEqual(files)
  }

  test('leaves the file as it was, converted or not, and the same commands succeed when there is space', async () => {
    fill()
    await expectUnchanged()
    empty()
    expect(await convert()).toMatchObject({ code: 0, stderr: '' })
    fill()
    await expectUnchanged('--restore')
    empty()
    expect(await convert('--restore')).toMatchObject({ code: 0, stdout: expect.stringContaining('(byte for byte)') })
    expect(readFileSync(file(), 'utf8')).toBe(text)
    expect(readdirSync(kube())).toEqual(['config'])
  })

  test('leaves a file with a hard link, which is overwritten, as it was', async () => {
    // The converted text needs another block.
    writeFileSync(file(), `${text.trimEnd()}${' '.repeat(4096 - (text.trimEnd().length % 4096))}`)
    linkSync(file(), join(kube(), 'link'))
    fill()
    await expectUnchanged()
    expect(readdirSync(join(home, '.cache', 'eks-get-token'), { recursive: true })).toEqual(['locks'])
  })
})
