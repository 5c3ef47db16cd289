import type { SharedFiles } from '../../config/profiles.ts'
import { type LoginState, listLogins } from '../../login/list-logins.ts'
import { type Login, loginPath } from '../../login/login.ts'
import { describeStartUrl } from '../../login/sso-grant.ts'
import { redactValue, sanitizeLine } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { formatTime } from '../../time-format.ts'
import type { CliOptions } from '../args/option.ts'
import type { OutputValue } from '../output/index.ts'
import { createReporter } from '../output-mode.ts'
import { type Status, type TextStyle, wrapText } from '../style.ts'
import type { Terminal } from '../terminal.ts'

/** What `login --status` shows. */
export interface StatusRequest {
  /** The login of a profile or a session that the command line names; undefined: all. */
  readonly selected: Login | undefined
  /** `sso login --status`: IAM Identity Center only. */
  readonly only: 'sso' | undefined
}

/**
 * Prints who is signed in, and until when. Uses no network.
 *
 * @returns whether at least one of the logins shown is valid, or is refreshed when it is used
 */
export async function printLoginStatus(
  { selected, only }: StatusRequest,
  files: SharedFiles,
  options: CliOptions,
  runtime: Runtime,
  terminal: Terminal,
): Promise<boolean> {
  const reporter = await createReporter('login', options, runtime, terminal)
  const path = selected && loginPath(selected, runtime)
  const logins = listLogins(files, runtime).filter(
    ({ login, file }) => (only === undefined || login.kind === only) && (selected === undefined || file === path),
  )
  const value = logins.map((state) => ({
    kind: state.login.kind,
    session: state.login.session === undefined ? null : redactValue(state.login.session),
    startUrl: state.login.kind === 'sso' ? describeStartUrl(state.login) : null,
    region: state.login.kind === 'sso' ? redactValue(state.login.region) : null,
    profiles: state.profiles.map(redactValue),
    status: state.status,
    expires: state.expires?.toISOString() ?? null,
    renewableUntil: state.renewableUntil?.toISOString() ?? null,
    file: sanitizeLine(state.file),
  }))
  await reporter.print(value as OutputValue, (style) =>
    logins.length === 0
      ? noLogins(selected)
      : logins.map((state) => renderLogin(state, runtime.now(), style)).join('\n'),
  )
  return logins.some(({ status }) => status === 'valid' || status === 'renewable')
}

function noLogins(selected: Login | undefined): string {
  if (selected === undefined) return 'No profile uses IAM Identity Center or a console login.\n'
  return `Profile ${redactValue(selected.profile ?? '')} has no login session.\n`
}

const STATUS: Record<LoginState['status'], readonly [status: Status, text: string]> = {
  valid: ['ok', 'signed in'],
  renewable: ['ok', 'signed in, refreshed on the next use'],
  expired: ['warn', 'expired'],
  none: ['none', 'not signed in'],
}

function renderLogin({ login, profiles, status, expires, renewableUntil }: LoginState, now: Date, style: TextStyle) {
  const [mark, text] = STATUS[status]
  const url = login.kind === 'sso' ? describeStartUrl(login) : ''
  const name = login.session === undefined ? url : redactValue(login.session)
  const place = login.kind === 'sso' ? `IAM Identity Center, ${url} (${redactValue(login.region)})` : 'AWS console'
  const lines = [
    place,
    ...(expires ? [`${expires > now ? 'valid until' : 'expired'} ${formatTime(expires, now)}`] : []),
    ...(renewableUntil ? [`can be refreshed until ${formatTime(renewableUntil, now)}`] : []),
    profiles.length === 0 ? 'not used by any profile' : `profiles: ${profiles.map(redactValue).join(', ')}`,
  ]
  const body = lines.flatMap((line) => wrapText(line, style.width - 2)).map((line) => `  ${line}\n`)
  return `${style.bold(name)}: ${style.colorize(mark, text)}\n${body.join('')}`
}
