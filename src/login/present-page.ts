import { sanitizeExternalText } from '../redact.ts'
import { type BrowserPlan, browserUrl, openBrowser } from './browser.ts'
import type { SignInContext } from './login.ts'

/** The page on which the user signs in. */
export interface SignInPage {
  readonly url: string
  /** Entered on the page; undefined: the page needs no code. */
  readonly userCode?: string | undefined
  /** The page with the code in its URL. */
  readonly completeUrl?: string | undefined
}

const MAX_CODE_CHARACTERS = 64

/**
 * Shows the page's URL and code, in the AWS CLI's words, which scripts look for, and opens it in a browser if the plan says so.
 * Does not wait for the browser: the user can open the URL.
 *
 * @throws RangeError for a URL that is not https
 */
export function presentPage(
  { url, userCode, completeUrl = url }: SignInPage,
  browser: BrowserPlan,
  { runtime, screen }: Pick<SignInContext, 'runtime' | 'screen'>,
): void {
  const shownUrl = browserUrl(url)
  const target = browserUrl(completeUrl)
  const code = userCode && sanitizeExternalText(userCode).slice(0, MAX_CODE_CHARACTERS)
  const reason = browser.reason === undefined ? '' : ` (${browser.reason})`
  const lines = [
    ...(browser.opens
      ? ['Attempting to open your default browser.', 'If the browser does not open, open the following URL:']
      : [`Browser will not be automatically opened${reason}.`, 'Please visit the following URL:']),
    '',
    shownUrl,
    '',
    ...(code ? ['Then enter the code:', '', code, ''] : []),
    ...(code && !browser.opens && target !== shownUrl
      ? ['Alternatively, you may visit the following URL which will autofill the code upon loading:', target, '']
      : []),
  ]
  screen.print(`${lines.join('\n')}\n`)
  if (!browser.opens) return
  openBrowser(target, runtime).then(
    (hasStarted) => runtime.trace?.(hasStarted ? 'the browser was started' : 'no browser could be started'),
    (error: Error) => runtime.trace?.(`no browser could be started: ${error.message}`),
  )
}
