import { type ChildProcess, spawn } from 'node:child_process'
import { isExecutable, lacksInterpreter } from '../credentials/sources/executable.ts'
import { systemProgram, windowsProgramStart } from '../credentials/sources/program-path.ts'
import { attempt } from '../errors.ts'
import { findCommand } from '../kubernetes/look-path.ts'
import { isLoopback } from '../net/loopback.ts'
import { splitCommand } from '../python/shlex.ts'
import type { Runtime } from '../runtime.ts'

type BrowserRuntime = Pick<Runtime, 'env' | 'readText' | 'processHost'>

/** How the page of a sign-in gets to the user. */
export interface BrowserPlan {
  /** Whether a browser is started on this machine. */
  readonly opens: boolean
  /** Why not, as the end of a sentence: `this is an SSH session`. */
  readonly reason: string | undefined
  /** Whether the user's browser can reach a server on 127.0.0.1 of this machine. */
  readonly reachesLoopback: boolean
}

/**
 * A browser is started unless the user does not want that, or is elsewhere: at the other end of an SSH connection, outside of
 * this container, or at another machine because this one has no display. `$BROWSER` says that there is one nevertheless; in
 * an SSH session, what it names may run at the user's end, so only its page is certain to be seen, not the callback.
 */
export function planBrowser(
  { noBrowser, remote = false }: { readonly noBrowser: boolean; readonly remote?: boolean },
  runtime: BrowserRuntime,
): BrowserPlan {
  const { env } = runtime
  const isRemote = Boolean(env.SSH_CONNECTION || env.SSH_CLIENT || env.SSH_TTY)
  const obstacle = isRemote ? 'this is an SSH session' : localObstacle(runtime)
  const reachesLoopback = !isRemote && (obstacle === undefined || Boolean(env.BROWSER))
  if (noBrowser || remote) return { opens: false, reason: undefined, reachesLoopback: reachesLoopback && !remote }
  const opens = obstacle === undefined || Boolean(env.BROWSER)
  return { opens, reason: opens ? undefined : obstacle, reachesLoopback }
}

function localObstacle({ env, readText, processHost: { platform } }: BrowserRuntime): string | undefined {
  if (platform === 'win32' || platform === 'darwin') return undefined
  const isContainer =
    Boolean(env.container || env.KUBERNETES_SERVICE_HOST) ||
    CONTAINER_MARKS.some((path) => readText(path) !== undefined)
  if (isContainer) return 'this is a container'
  // The Windows Subsystem for Linux opens the browser of Windows.
  if (env.DISPLAY || env.WAYLAND_DISPLAY || isWsl(env)) return undefined
  return 'there is no display'
}

/** Docker, and Podman. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv']

function isWsl({ WSL_DISTRO_NAME, WSL_INTEROP }: BrowserRuntime['env']): boolean {
  return Boolean(WSL_DISTRO_NAME || WSL_INTEROP)
}

/** A browser that still runs after this long has not failed; some stay in the foreground. */
const START_MS = 2000

/**
 * Opens a URL in the user's browser: that of `$BROWSER`, else that of the system. No shell is started, the output of the
 * browser is discarded, and it stays open when this process ends.
 *
 * @returns false if no browser could be started
 * @throws RangeError for a URL that is not https; http is accepted for this machine only
 */
export async function openBrowser(url: string, runtime: BrowserRuntime): Promise<boolean> {
  const target = browserUrl(url)
  for (const command of [...userCommands(target, runtime), ...systemCommands(target, runtime)]) {
    if (await start(command, runtime)) return true
  }
  return false
}

/** The URL in the form of a browser, which has no characters that a program could take for something else. */
export function browserUrl(url: string): string {
  const parsed = attempt(() => new URL(url))
  const isSafe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname))
  if (!parsed || !isSafe || parsed.username || parsed.password) throw new RangeError('not an https URL')
  return parsed.href.replaceAll("'", '%27')
}

/** A program with its arguments. */
type BrowserCommand = readonly [program: string, ...args: string[]]

/**
 * The commands of `$BROWSER`, as Python's webbrowser and so the AWS CLI reads it: several are separated as in PATH, `%s` is
 * the URL, and a final `&` means not to wait for the browser, as always here. Without `%s`, the text is the
 * path of a program, or a program with arguments, and the URL follows.
 * https://docs.python.org/3.11/library/webbrowser.html
 */
export function userCommands(url: string, { env, processHost: { platform } }: BrowserRuntime): BrowserCommand[] {
  const commands = (env.BROWSER ?? '').split(platform === 'win32' ? ';' : ':')
  return commands.flatMap((text): BrowserCommand[] => {
    const isPath = !text.includes('%s') && findCommand(text, env, platform, isExecutable) !== undefined
    const [program, ...args] = (isPath ? [text] : splitCommand(text, platform)) ?? []
    if (!program) return []
    const words = args.at(-1) === '&' ? args.slice(0, -1) : args
    if (!text.includes('%s')) return [[program, ...words, url]]
    return [[program, ...words.map((word) => word.replaceAll('%s', url))]]
  })
}

/** The programs that open a URL in the browser of the system. */
function systemCommands(url: string, { env, processHost: { platform } }: BrowserRuntime): BrowserCommand[] {
  if (platform === 'win32') return [[systemProgram('rundll32.exe', env), 'url.dll,FileProtocolHandler', url]]
  if (platform === 'darwin') return [['/usr/bin/open', url]]
  const windows: BrowserCommand[] = isWsl(env)
    ? [
        ['wslview', url],
        ['/mnt/c/Windows/System32/rundll32.exe', 'url.dll,FileProtocolHandler', url],
      ]
    : []
  return [...windows, ['xdg-open', url], ['gio', 'open', url], ['x-www-browser', url]]
}

/** @returns whether the program runs, or has ended without an error */
function start([program, ...args]: BrowserCommand, runtime: BrowserRuntime): Promise<boolean> {
  const found = attempt(() => resolveProgram(program, args, runtime))
  if (!found) return Promise.resolve(false)
  let child: ChildProcess
  try {
    child = spawn(found.file, found.args, {
      env: { ...runtime.env },
      detached: true,
      stdio: 'ignore',
      windowsVerbatimArguments: found.windowsVerbatimArguments,
    })
  } catch {
    return Promise.resolve(false)
  }
  child.unref()
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), START_MS)
    const finish = (hasStarted: boolean): void => {
      clearTimeout(timer)
      resolve(hasStarted)
    }
    child.once('error', () => finish(false))
    child.once('exit', (code) => finish(code === 0))
  })
}

/** Never from the current directory, and no text file without an interpreter, which Node would run with a shell. */
function resolveProgram(program: string, args: readonly string[], runtime: BrowserRuntime) {
  const { env, processHost } = runtime
  if (processHost.platform === 'win32') return windowsProgramStart(program, args, env)
  const file = findCommand(program, env, processHost.platform, isExecutable)?.path
  if (!file?.startsWith('/') || lacksInterpreter(file, runtime)) return undefined
  return { file, args, windowsVerbatimArguments: false }
}
