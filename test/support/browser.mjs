// A browser for `$BROWSER`, without a screen: `node browser.mjs LOG MODE URL`. It adds the URL to the file LOG, a line for each
// tab, and then `approve`: follows the page of the local AWS, which signs the user in, and writes the last page to LOG.page;
// `deny`: as a user who refuses; `ignore`: nothing; any other MODE is added to the URL, e.g. `&as=ARN`.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'

const [, , log, mode, url] = process.argv
appendFileSync(log, `${url}\n`)
if (mode !== 'ignore') {
  const more = mode === 'approve' ? '' : mode === 'deny' ? '&deny' : mode
  const response = await fetch(`${url}${more}`)
  writeFileSync(`${log}.next`, `${response.status} ${await response.text()}`)
  renameSync(`${log}.next`, `${log}.page`)
}
