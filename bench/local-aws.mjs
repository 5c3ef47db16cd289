// @ts-check
// The servers of the benchmark, in a process of their own: the process that measures must not respond at the same time.
// Prints one line of JSON when it is ready, and ends with its stdin.
import { register } from 'node:module'

register('../demo/typescript.mjs', import.meta.url)
const { startLocalAws } = await import('../test/support/local-aws.ts')
const { createAwsHome, ssoLogin } = await import('../test/support/temporary-home.ts')

const DELAY_MS = Number(process.argv[2])
const near = await startLocalAws()
const far = await startLocalAws({ authority: near.authority, behavior: { delayMs: { sts: DELAY_MS, sso: DELAY_MS } } })
const home = createAwsHome(near)
home.write(...ssoLogin('corp', 7200))
home.write('empty.cjs', '')
console.log(JSON.stringify({ home: home.folder, nearPort: near.port, farPort: far.port }))
process.stdin.resume().once('end', async () => {
  home.remove()
  await far.close()
  await near.close()
})
