/** A URL as it may be shown: without user and password, and without a query, where keys are put as well. */
export function shownUrl(url: string): string {
  return url.replace(/[?#][\s\S]*$/, '').replace(/[^/]*@/, '')
}
