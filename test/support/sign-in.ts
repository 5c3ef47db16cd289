import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandResult } from './command.ts'
import { eventually } from './eventually.ts'
import { runInProcess } from './in-process.ts'
import type { AwsHome } from './temporary-home.ts'

/** A `$BROWSER` that signs in: it follows the redirects of the page, and keeps the last one. */
export interface TestBrowser {
  readonly env: Record<string, string>
  /** The URLs that were opened. */
  readonly opened: () => string[]
  /** The page at the end of the redirects, which the browser may get after the program has ended. */
  readonly page: () => Promise<string>
}

/** @param before - shell commands that run before the page is loaded, with its URL as `$1` */
export function createTestBrowser({ folder, env, write }: AwsHome, before = ''): TestBrowser {
  const [log, page, program] = ['opened', 'page.html', 'browser'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const proxy = `--proxy ${env.HTTPS_PROXY} --noproxy 127.0.0.1 --cacert ${env.AWS_CA_BUNDLE}`
  write(
    'browser',
    `#!/bin/sh\necho "$1" >>${log}\n${before}\ncurl -sL ${proxy} -o ${page}.next "$1" && mv ${page}.next ${page}\n`,
  )
  chmodSync(program, 0o755)
  return {
    env: { BROWSER: program },
    opened: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
    page: async () => {
      await eventually(() => existsSync(page))
      return readFileSync(page, 'utf8')
    },
  }
}

export function runLogin(
  home: AwsHome,
  args: readonly string[],
  env: Record<string, string> = {},
  timeoutMs = 60_000,
): Promise<CommandResult> {
  return runInProcess(args, { env: { ...home.env, ...env }, cwd: home.folder, timeoutMs })
}

/** Everything in a sign-in that no output may contain. */
export const SIGN_IN_SECRETS = [
  'CLIENTSECRET',
  'ACCESSTOKEN',
  'REFRESHTOKEN',
  'AUTHORIZATIONCODE',
  'DEVICECODE',
] as const
