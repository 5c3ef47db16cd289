import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { browserUrl, openBrowser, planBrowser, userCommands } from '../../src/login/browser.ts'
import { eventually } from '../support/eventually.ts'
import { runtimeWith } from '../support/runtime.ts'

const DISPLAY = { DISPLAY: ':0' }
const SSH = { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }

describe('whether a browser is started, and whether it reaches this machine', () => {
  const opens = { opens: true, reason: undefined, reachesLoopback: true }
  const shows = (reason: string) => ({ opens: false, reason, reachesLoopback: false })
  test.each<[string, Parameters<typeof runtimeWith>[0], object]>([
    ['Linux with a display', { env: DISPLAY }, opens],
    ['Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, opens],
    ['the Windows Subsystem for Linux', { env: { WSL_DISTRO_NAME: 'Debian' } }, opens],
    ['macOS', { platform: 'darwin' }, opens],
    ['Windows', { platform: 'win32' }, opens],
    ['no display', {}, shows('there is no display')],
    ['no display, but $BROWSER', { env: { BROWSER: 'b' } }, opens],
    ['Docker', { env: DISPLAY, files: { '/.dockerenv': '' } }, shows('this is a container')],
    ['Podman', { env: DISPLAY, files: { '/run/.containerenv': '' } }, shows('this is a container')],
    ['a pod', { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }, shows('this is a container')],
    ['a container with $BROWSER', { env: { BROWSER: 'b' }, files: { '/.dockerenv': '' } }, opens],
    ['SSH', { env: SSH }, shows('this is an SSH session')],
    ['SSH with X11', { env: { ...SSH, ...DISPLAY } }, shows('this is an SSH session')],
    ['SSH to a Mac', { env: SSH, platform: 'darwin' }, shows('this is an SSH session')],
    ['SSH with $BROWSER', { env: { ...SSH, BROWSER: 'b' } }, { ...opens, reachesLoopback: false }],
  ])('%s', (_title, options, expected) => {
    expect(planBrowser({ noBrowser: false }, runtimeWith(options))).toEqual(expected)
  })

  test.each<[string, Parameters<typeof runtimeWith>[0], boolean]>([
    ['at a display', { env: DISPLAY }, true],
    ['over SSH', { env: SSH }, false],
    ['without a display', {}, false],
  ])('--no-browser %s', (_title, options, reachesLoopback) => {
    const plan = planBrowser({ noBrowser: true }, runtimeWith(options))
    expect(plan).toEqual({ opens: false, reason: undefined, reachesLoopback })
  })
  test.each([
    ['at a display', { env: DISPLAY }],
    ['in a container', { files: { '/.dockerenv': '' } }],
    ['over SSH', { env: SSH }],
  ])('--remote %s is the reason for what follows', (_title, options) => {
    const plan = planBrowser({ noBrowser: false, remote: true }, runtimeWith(options))
    expect(plan).toEqual({ opens: false, reason: undefined, reachesLoopback: false })
  })
})

describe('$BROWSER', () => {
  const URL_TEXT = 'https://example.com/?a=b&c=d'
  test.each<[string, string, string, string[][]]>([
    ['a name', 'firefox', 'linux', [['firefox', URL_TEXT]]],
    ['several', 'one:two', 'linux', [['one', URL_TEXT], ['two', URL_TEXT]]], // biome-ignore format: a table
    ['a command with %s', 'firefox -P work %s --quiet', 'linux', [['firefox', '-P', 'work', URL_TEXT, '--quiet']]],
    ['%s inside a word', 'open --url=%s', 'linux', [['open', `--url=${URL_TEXT}`]]],
    ['%s twice', 'b %s %s', 'linux', [['b', URL_TEXT, URL_TEXT]]],
    ['quotes', '"/opt/my browser" \'%s\'', 'linux', [['/opt/my browser', URL_TEXT]]],
    ['in the background', 'firefox %s &', 'linux', [['firefox', URL_TEXT]]],
    ['arguments without %s', 'firefox -P work', 'linux', [['firefox', '-P', 'work', URL_TEXT]]],
    ['an unclosed quote', 'firefox "%s', 'linux', []],
    ['empty entries', '::one:', 'linux', [['one', URL_TEXT]]],
    ['shell syntax is not special', 'b %s;$(id)', 'linux', [['b', `${URL_TEXT};$(id)`]]],
    ['Windows', 'C:\\b.exe;other', 'win32', [['C:\\b.exe', URL_TEXT], ['other', URL_TEXT]]], // biome-ignore format: a table
    ['not set', '', 'linux', []],
  ])('%s', (_title, BROWSER, platform, expected) => {
    expect(userCommands(URL_TEXT, runtimeWith({ env: { BROWSER }, platform }))).toEqual(expected)
  })
})

describe('only a web page is opened', () => {
  test.each([
    ['https://example.com/a?b=c d', 'https://example.com/a?b=c%20d'],
    ['http://127.0.0.1:8080/a', 'http://127.0.0.1:8080/a'],
    ["https://example.com/'a'#`b`", 'https://example.com/%27a%27#%60b%60'],
    ['https://example.com/\u001b[31m', 'https://example.com/%1B[31m'],
  ])('%s', (url, expected) => expect(browserUrl(url)).toBe(expected))
  test.each([
    'http://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    '--help',
    '',
    'ftp://example.com',
    'https://user:password@example.com/',
    'https://',
  ])('not %s', async (url) => {
    expect(() => browserUrl(url)).toThrow(RangeError)
    await expect(openBrowser(url, runtimeWith({ env: { BROWSER: 'true', PATH: '/usr/bin:/bin' } }))).rejects.toThrow()
  })
})

describe('a browser is started', () => {
  let folder = ''
  let log = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eks-get-token-browser-'))
    log = join(folder, 'log')
    mkdirSync(join(folder, 'bin'))
    program('xdg-open', `printf '%s\\n' xdg-open "$@" >>${log}`)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** A program in a folder on PATH that writes its arguments. */
  const program = (name: string, script: string, interpreter = '#!/bin/sh\n'): string => {
    const file = join(folder, 'bin', name)
    writeFileSync(file, `${interpreter}${script}\n`)
    chmodSync(file, 0o755)
    return file
  }
  const open = (BROWSER: string, url = 'https://example.com/?a=b&c=$(id)') =>
    openBrowser(url, runtimeWith({ env: { PATH: `${folder}/bin:/usr/bin:/bin`, BROWSER } }))
  const calls = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [])
  const URL_WORD = 'https://example.com/?a=b&c=$(id)'

  test('that of $BROWSER, with the URL as one word and without a shell', async () => {
    program('mine', `printf '%s\\n' mine "$@" >>${log}`)
    expect(await open('mine --tab %s')).toBe(true)
    expect(calls()).toEqual(['mine', '--tab', URL_WORD])
  })
  test('the path of a program with a space', async () => {
    const file = program('my browser', `printf '%s\\n' spaced "$@" >>${log}`)
    expect(await open(file)).toBe(true)
    expect(calls()).toEqual(['spaced', URL_WORD])
  })
  test('the next one where the first is missing or fails', async () => {
    program('bad', `echo bad >>${log}; exit 3`)
    program('good', `echo good >>${log}`)
    expect(await open('missing:bad:good')).toBe(true)
    expect(calls()).toEqual(['bad', 'good'])
  })
  test('that of the system where $BROWSER does not help', async () => {
    expect(await open('missing')).toBe(true)
    expect(calls()).toEqual(['xdg-open', URL_WORD])
  })
  test('one that stays in the foreground counts as started', async () => {
    program('slow', `echo slow >>${log}; sleep 4; echo end >>${log}`)
    expect(await open('slow')).toBe(true)
    expect(calls()).toEqual(['slow'])
    await eventually(() => calls().length === 2)
  })
  test('a text file without an interpreter is not run by a shell', async () => {
    program('plain', `echo plain >>${log}`, '')
    expect(await open('plain')).toBe(true)
    expect(calls()).toEqual(['xdg-open', URL_WORD])
  })
  test('a program in the current directory is not run', async () => {
    program('local', `echo local >>${log}`)
    expect(await open('./local:bin/local')).toBe(true)
    expect(calls()).toEqual(['xdg-open', URL_WORD])
  })
  test('its input and output are /dev/null', async () => {
    program('noisy', `ls -l /proc/$$/fd >${log}`)
    expect(await open('noisy')).toBe(true)
    expect(calls().filter((line) => line.endsWith('-> /dev/null')).length).toBe(3)
  })
  test('false where there is none', async () => {
    rmSync(join(folder, 'bin', 'xdg-open'))
    const runtime = runtimeWith({ env: { PATH: `${folder}/bin`, BROWSER: 'missing' } })
    expect(await openBrowser('https://example.com/', runtime)).toBe(false)
  })
})
