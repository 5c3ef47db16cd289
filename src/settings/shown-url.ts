/**
 * A URL as it may be shown: without user and password, and without a query, where keys are put as well. A password may
 * have a slash, a question mark or a second @ in it, so all up to the last @ goes first.
 */
export function shownUrl(url: string): string {
  return url.replace(/^([^:/?#]+:)?(\/\/)?[\s\S]*@/, '$1$2').replace(/[?#][\s\S]*$/, '')
}
