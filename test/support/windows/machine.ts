import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../programs.ts'
import { prngDll } from './prng-dll.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const START = fileURLToPath(new URL('start.cjs', import.meta.url))
const PREFIX = join(ROOT, '.tools/wine')
export const DRIVE = join(PREFIX, 'drive_c')
/** What runs where another program is needed. */
export const NODE = join(ROOT, '.tools/node-windows-20.exe')

/** What is tested: the npm command on this Node for Windows, or this executable. */
const TESTED = process.env.EKS_GET_TOKEN_TEST_WINDOWS ?? NODE
const isExecutable = !/node[^/]*$/.test(TESTED)

/** What the tests of Windows need and this machine lacks; undefined: nothing. */
export function missingWindows(): string | undefined {
  if (!findProgram('wine')) return 'wine is not on PATH; .ci/windows installs it'
  const missing = [NODE, TESTED].find((file) => !existsSync(file))
  return missing === undefined ? undefined : `${missing.slice(ROOT.length + 1)} does not exist; .ci/windows fetches it`
}

export const WINE_ENV = {
  PATH: process.env.PATH ?? '',
  HOME: PREFIX,
  LANG: 'C.UTF-8',
  WINEPREFIX: PREFIX,
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=',
  // wine 8 says that it is Windows 7.
  NODE_SKIP_PLATFORM_CHECK: '1',
}

/** Creates drive C, once. A server that stays makes each start faster by half a second; it ends a minute after the last. */
export function prepareWindows(): void {
  mkdirSync(PREFIX, { recursive: true })
  spawnSync('wineserver', ['-p60'], { env: WINE_ENV, stdio: 'ignore' })
  const { status } = spawnSync('wine', [NODE, '-e', '0'], { env: WINE_ENV, stdio: 'ignore', timeout: 180_000 })
  if (status !== 0) throw new Error(`${NODE} does not start under wine (${status})`)
  writeFileSync(join(DRIVE, 'windows/system32/bcryptprimitives.dll'), prngDll())
}

/** Sets values of a registry key; `undefined` removes one. */
export function setRegistry(key: string, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    const type = value?.startsWith('0x') ? 'REG_DWORD' : 'REG_SZ'
    const words =
      value === undefined ? ['delete', key, '/v', name, '/f'] : ['add', key, '/v', name, '/t', type, '/d', value, '/f']
    spawnSync('wine', ['reg', ...words], { env: WINE_ENV, stdio: 'ignore' })
  }
}

export const windowsPath = (path: string): string =>
  path.startsWith(`${DRIVE}/`)
    ? `C:${path.slice(DRIVE.length).replaceAll('/', '\\')}`
    : `Z:${path.replaceAll('/', '\\')}`

export interface WindowsResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A user's home directory on drive C, whose name has a blank and characters beyond ASCII. */
export function createWindowsHome(more: Readonly<Record<string, string>>) {
  mkdirSync(join(DRIVE, 'users'), { recursive: true })
  const folder = mkdtempSync(join(DRIVE, 'users/Jürgen M-'))
  const path = windowsPath(folder)
  const env = {
    SystemRoot: 'C:\\windows',
    PATHEXT: '.COM;.EXE;.BAT;.CMD;.VBS;.JS',
    Path: 'C:\\windows\\system32',
    USERPROFILE: path,
    HOMEDRIVE: path.slice(0, 2),
    HOMEPATH: path.slice(2),
    LOCALAPPDATA: `${path}\\AppData\\Local`,
    TEMP: `${path}\\Temp`,
    NODE_SKIP_PLATFORM_CHECK: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-west-2',
    ...more,
  }
  const fill = (text: string) => text.replaceAll('{{HOME}}', path)
  mkdirSync(join(folder, 'Temp'))
  const write = (name: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    // As Windows editors end lines.
    writeFileSync(join(folder, name), typeof text === 'string' ? fill(text).replace(/\r?\n/g, '\r\n') : text)
  }
  return {
    folder,
    path,
    write,
    /** A program that runs the JavaScript file that its first argument names: Node. */
    addProgram: (name: string): void => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      try {
        linkSync(NODE, join(folder, name))
      } catch {
        copyFileSync(NODE, join(folder, name))
      }
    },
    /** A global installation as npm makes it: `npm\\node_modules\\eks-get-token`, and batch files in `npm`. @returns its script */
    installPackage: (): string => {
      for (const name of ['bin', 'dist', 'package.json']) {
        cpSync(join(ROOT, name), join(folder, 'npm/node_modules/eks-get-token', name), {
          recursive: true,
          filter: (file) => !/standalone|release|front/.test(file.slice(ROOT.length)),
        })
      }
      write('npm/eks-get-token.cmd', '@node "%~dp0node_modules\\eks-get-token\\bin\\eks-get-token.cjs" %*\n')
      return `${path}\\npm\\node_modules\\eks-get-token\\bin\\eks-get-token.cjs`
    },
    /** The npm command is tested, not the executable. */
    hasScript: !isExecutable,
    exists: (name: string): boolean => existsSync(join(folder, name)),
    read: (name: string): string => readFileSync(join(folder, name), 'utf8'),
    remove: (): void => rmSync(folder, { recursive: true, force: true }),
    run: (
      args: readonly string[],
      { env: changed = {}, cwd = path, program = DELIVERED, ...more }: RunOptions = {},
    ): Promise<WindowsResult> =>
      runOnWindows(folder, args.map(fill), mapValues({ ...env, ...changed }, fill), {
        cwd: fill(cwd),
        program: fill(program),
        ...more,
      }),
  }
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** The path of an executable or script on Windows. Default: what is tested. */
  readonly program?: string
  readonly stdin?: string
  /** The arguments are parts of the command line as it is. */
  readonly isVerbatim?: boolean
}

const DELIVERED = windowsPath(isExecutable ? TESTED : join(ROOT, 'bin/eks-get-token.cjs'))

function mapValues(values: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]))
}

/** stdin, stdout and stderr are files: a program under wine may wait for ever on a pipe of Linux. */
function runOnWindows(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { cwd, program, stdin = '', isVerbatim = false }: RunOptions & { readonly program: string },
): Promise<WindowsResult> {
  const directory = mkdtempSync(join(folder, 'Temp/run-'))
  const file = (name: string) => join(directory, name)
  writeFileSync(file('spec.json'), JSON.stringify({ env, cwd, program, args, isVerbatim }))
  writeFileSync(file('stdin'), stdin)
  const stdio = [openSync(file('stdin'), 'r'), openSync(file('stdout'), 'w'), openSync(file('stderr'), 'w')]
  const node = isExecutable ? NODE : TESTED
  const child = spawn('wine', [node, windowsPath(START), windowsPath(file('spec.json'))], { env: WINE_ENV, stdio })
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      for (const descriptor of stdio) closeSync(descriptor)
      resolve({ code, stdout: readFileSync(file('stdout'), 'utf8'), stderr: readFileSync(file('stderr'), 'utf8') })
    })
  })
}
