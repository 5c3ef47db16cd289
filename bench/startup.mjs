// How long a run takes, as a ratio to an empty script: whole processes, interleaved, medians of the pairwise ratios.
// NODE_EXTRA_CA_CERTS is unset: Node 20 parses it at every start, which would make every ratio look good.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROUNDS = Number(process.argv[2] ?? 60)
const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-bench-'))
const empty = join(folder, 'empty.cjs')
writeFileSync(empty, '')
writeFileSync(
  join(folder, 'credentials'),
  '[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n',
)

const bin = fileURLToPath(new URL('../bin/eks-get-token.cjs', import.meta.url))
const base = { PATH: '/usr/bin:/bin', HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-west-2' }
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }
const profile = { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials') }
const cases = {
  'keys in the environment': { args: [bin, '--cluster-name', 'demo'], env: keys },
  'static profile': { args: [bin, '--cluster-name', 'demo'], env: profile },
  '--query status.token --output text': {
    args: [bin, '--cluster-name', 'demo', '--query', 'status.token', '--output', 'text'],
    env: keys,
  },
}

function milliseconds(args, env) {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...base, ...env } })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

const floor = []
const ratios = Object.fromEntries(Object.keys(cases).map((name) => [name, []]))
for (let round = 0; round < ROUNDS; round++) {
  const emptyMs = milliseconds([empty], {})
  floor.push(emptyMs)
  for (const [name, { args, env }] of Object.entries(cases)) ratios[name].push(milliseconds(args, env) / emptyMs)
}
console.log(`Node ${process.version}, ${ROUNDS} rounds; an empty script takes ${median(floor).toFixed(1)} ms`)
for (const [name, values] of Object.entries(ratios)) console.log(`${median(values).toFixed(2)}  ${name}`)
