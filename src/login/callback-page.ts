import { createHash } from 'node:crypto'
import { sanitizeLine } from '../redact.ts'

/** What the page in the browser says. The text may be from outside: it is escaped. */
export interface CallbackPage {
  readonly kind: 'success' | 'failure' | 'unknown'
  readonly title: string
  readonly text: string
}

const STYLE = `
:root { color-scheme: light dark; --back: #f4f6f8; --card: #fff; --text: #16202b; --soft: #55616e; --edge: #dbe1e7;
  --success: #1a7f4b; --failure: #b3261e; --unknown: #55616e }
@media (prefers-color-scheme: dark) { :root { --back: #10151b; --card: #1a212a; --text: #e8edf2; --soft: #a0acb8;
  --edge: #2c3642; --success: #4cc38a; --failure: #ff8a80; --unknown: #a0acb8 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back);
  color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { width: 100%; max-width: 30rem; padding: 2.25rem 2.5rem; background: var(--card); border: 1px solid var(--edge);
  border-radius: .75rem }
.mark { width: 2.75rem; height: 2.75rem; border-radius: 50%; display: grid; place-items: center; border: 2px solid;
  font-size: 1.35rem; line-height: 1 }
.success .mark { color: var(--success) } .failure .mark { color: var(--failure) } .unknown .mark { color: var(--unknown) }
h1 { margin: 1.1rem 0 .35rem; font-size: 1.4rem; line-height: 1.3; font-weight: 600 }
p { margin: 0; color: var(--soft); overflow-wrap: anywhere }
p + p { margin-top: 1.25rem; font-size: .875rem }
`
const MARKS: Record<CallbackPage['kind'], string> = { success: '✓', failure: '✕', unknown: '?' }

/**
 * Headers of every response: nothing but the page's own style is loaded or executed, the URL, which contains the
 * authorization code, is sent nowhere, and nothing is stored.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  Connection: 'close',
}

export function renderPage({ kind, title, text }: CallbackPage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<main class="${kind}">
<div class="mark" aria-hidden="true">${MARKS[kind]}</div>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
<p>You can close this tab${kind === 'failure' ? ', and try again in the terminal' : ''}.</p>
</main>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

export function successPage(signedIn: string): CallbackPage {
  return { kind: 'success', title: 'Signed in', text: `You are signed in ${sanitizeLine(signedIn)}.` }
}

export function failurePage(failure: string): CallbackPage {
  return { kind: 'failure', title: 'Sign-in failed', text: sanitizeLine(failure) }
}

export const SEE_TERMINAL: CallbackPage = {
  kind: 'unknown',
  title: 'See the terminal',
  text: 'The result of the sign-in is shown in the terminal in which it was started.',
}
export const USED: CallbackPage = {
  kind: 'unknown',
  title: 'Already used',
  text: 'This sign-in has already been completed. Its result is shown in the terminal in which it was started.',
}
export const UNKNOWN_SIGN_IN: CallbackPage = {
  kind: 'failure',
  title: 'Unknown sign-in',
  text: 'This request does not belong to the pending sign-in. Open the URL that the terminal shows.',
}
export const NOT_FOUND: CallbackPage = { kind: 'failure', title: 'Not found', text: 'This page does not exist.' }
