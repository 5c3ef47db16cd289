/** More of it helps nobody who reads an error. */
const MAX_CHARACTERS = 2000

/**
 * Text of a service or another program as it may be shown. STS quotes the request in some refusals, so what is secret
 * in it is taken out; and control characters would reach the terminal of whoever reads the error.
 *
 * @param secrets - that went out with the request
 */
export function outsideText(text: string, secrets: readonly (string | undefined)[] = []): string {
  let shown = text
  for (const secret of secrets) {
    if (!secret) continue
    for (const form of [secret, encodeURIComponent(secret)]) shown = shown.replaceAll(form, '…')
  }
  shown = shown
    .replace(/(Signature\s*[=:]\s*)[^\s,&'"]+/gi, '$1…')
    .replace(/(security-token\s*[=:]\s*)[^\s,&'"]+/gi, '$1…')
    .replace(CONTROL, ' ')
  return shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)}…` : shown
}

/** All control characters (C0, C1, DEL) but tab and line end. */
const CONTROL = /[^\P{Cc}\t\n]/gu
