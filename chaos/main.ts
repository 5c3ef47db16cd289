import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createCertificateAuthority } from '../test/support/certificates.ts'
import { crowd } from './crowd.ts'
import { fullDisk } from './full-disk.ts'
import { kills } from './kills.ts'
import { kubeconfig } from './kubeconfig.ts'
import type { Group } from './lab.ts'
import { locks } from './locks.ts'
import { createRandom } from './random.ts'
import { Report } from './report.ts'
import { responses } from './responses.ts'

const GROUPS: Readonly<Record<string, Group>> = { crowd, kills, 'full-disk': fullDisk, kubeconfig, locks, responses }

const fromRoot = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url))
const EXECUTABLE = fromRoot('dist/standalone/eks-get-token')

const args = process.argv.slice(2)
const seedAt = args.indexOf('--seed')
const seed = seedAt < 0 ? Math.floor(Math.random() * 2 ** 32) : Number(args.splice(seedAt, 2)[1])
const unknown = args.filter((name) => !Object.hasOwn(GROUPS, name))
if (unknown.length > 0 || !Number.isInteger(seed)) {
  console.error(`usage: .ci/chaos [--seed NUMBER] [${Object.keys(GROUPS).join('|')}]...`)
  process.exit(2)
}

const commands = [['npm command', `${process.execPath} ${fromRoot('bin/eks-get-token.cjs')}`]]
if (existsSync(EXECUTABLE)) commands.push(['executable', EXECUTABLE])
else console.log('executable: skipped, because dist/standalone does not have it (npm run build:standalone)')
console.log(`seed ${seed}, Node ${process.version}, ${process.platform}, user id ${process.getuid?.() ?? 'unknown'}`)

const authority = await createCertificateAuthority()
let violations = 0
/** Prints what a group has found so far. */
let finish = (_skipped?: string): void => {}
// The time limit of .ci/chaos.
process.once('SIGTERM', () => {
  finish()
  console.log(`ended by the time limit; repeat with --seed ${seed}`)
  process.exit(1)
})
for (const name of args.length > 0 ? args : Object.keys(GROUPS)) {
  for (const [title = '', command] of commands) {
    process.env.EKS_GET_TOKEN_TEST_COMMAND = command
    const report = new Report()
    const started = performance.now()
    const lab = { authority, report, random: createRandom(seed), commands: commands.length }
    finish = (skipped) => {
      const seconds = Math.round((performance.now() - started) / 1000)
      console.log(`${name}, ${title}: ${skipped ? `skipped, because ${skipped}` : `${report} (${seconds} s)`}`)
      for (const violation of report.violations) console.log(`  VIOLATION ${violation}`)
    }
    const skipped = await GROUPS[name]?.(lab).catch((error: Error) => {
      report.violations.push(`the group ended early: ${error.stack}`)
      return undefined
    })
    if (!skipped && report.isEmpty) report.violations.push('nothing was tried')
    finish(skipped || undefined)
    finish = () => {}
    violations += report.violations.length
  }
}
await authority.close()
console.log(violations === 0 ? 'no violations' : `${violations} violations; repeat with --seed ${seed}`)
process.exit(violations === 0 ? 0 : 1)
