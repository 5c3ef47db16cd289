// How long a run takes, in wall time and CPU time, and how much memory: whole processes, interleaved, each as a ratio to an
// empty script of the same round, and the median of those ratios. Milliseconds drift with the machine; the ratios hardly do.
// It measures on a quiet machine only; executables are copied first, because the state of the page cache alone can make one
// a quarter slower.
//
//   npm run bench [-- ROUNDS [--noisy]]
//
// NODE_EXTRA_CA_CERTS is unset, like all else of this environment: Node 20 parses it at every start, which would make
// every ratio look good. Writes bench/RESULTS.md.
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROUNDS = Number(process.argv.slice(2).find((word) => word !== '--noisy') ?? 60)
/** Other programs take so long that fewer rounds must do. */
const SLOW_ROUNDS = Math.max(Math.round(ROUNDS / 6), 3)
const DELAY_MS = 100
const CONCURRENCY = [1, 10, 40]
/** Processes that are running or ready, on average over a minute. */
const MAX_LOAD = 0.5

if (loadavg()[0] > MAX_LOAD && !process.argv.includes('--noisy')) {
  console.error(`bench: the machine is not quiet: its load is ${loadavg()[0].toFixed(2)}, more than ${MAX_LOAD}`)
  process.exit(1)
}

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const servers = spawn(process.execPath, [root('bench/local-aws.mjs'), String(DELAY_MS)], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const { home, nearPort, farPort } = JSON.parse(await firstLine(servers.stdout))
const measurer = spawn('python3', [root('bench/measure.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
const measurements = createInterface(measurer.stdout)[Symbol.asyncIterator]()

const base = { PATH: '/usr/bin:/bin', HOME: home, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-west-2' }
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }
const at = (port) => ({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` })
let isFull = false
const clearCache = () => {
  isFull = false
  rmSync(join(home, '.aws/cli/cache'), { recursive: true, force: true })
}
/** Both roles are in the cache: a run that finds them there changes nothing. */
const warmCache = async () => {
  if (isFull) return
  isFull = true
  for (const profile of ['role', 'sso']) {
    await measure([...PROGRAMS[0].words, '--profile', profile], { ...base, ...at(nearPort) })
  }
}
/** Config files as large companies have them: one profile of six lines for each account and role. */
const withProfiles = (count) => {
  const file = join(home, `config-${count}`)
  const profile = (index) =>
    `[profile p${index}]\nregion = us-west-2\nsso_session = corp\nsso_account_id = ${String(index).padStart(12, '0')}\nsso_role_name = Admin\noutput = json\n\n`
  const last =
    '[profile last]\nregion = us-west-2\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n'
  writeFileSync(file, Array.from({ length: count }, (_, index) => profile(index)).join('') + last)
  return { AWS_CONFIG_FILE: file }
}

const SCENARIOS = [
  { name: 'keys in the environment', args: [], env: keys },
  { name: 'static profile', args: ['--profile', 'keys'] },
  { name: '`--query status.token --output text`', args: ['--query', 'status.token', '--output', 'text'], env: keys },
  { name: 'role, cached', args: ['--profile', 'role'], env: at(nearPort), before: warmCache },
  { name: 'SSO, cached', args: ['--profile', 'sso'], env: at(nearPort), before: warmCache },
  { name: 'role, cold', args: ['--profile', 'role'], env: at(nearPort), before: clearCache },
  { name: 'SSO, cold', args: ['--profile', 'sso'], env: at(nearPort), before: clearCache },
  { name: '1,000 profiles', args: ['--profile', 'last'], env: withProfiles(1000) },
  { name: '5,000 profiles', args: ['--profile', 'last'], env: withProfiles(5000) },
  { name: `role, cold, STS ${DELAY_MS} ms away`, args: ['--profile', 'role'], env: at(farPort), before: clearCache },
]

const EMPTY = { name: 'empty script', words: [process.execPath, join(home, 'empty.cjs')] }
const CLUSTER = ['--cluster-name', 'demo']
/** A copy in a folder of its own. */
const copied = (file, folder, name = basename(file)) => {
  const path = join(home, folder, name)
  mkdirSync(join(home, folder), { recursive: true })
  copyFileSync(file, path)
  return path
}
const standalone = root('dist/standalone/eks-get-token')
const executable = existsSync(standalone) ? copied(standalone, 'executable') : undefined
const builtFront = root('dist/front/eks-get-token')
const front = existsSync(builtFront) ? copied(builtFront, 'front') : undefined
// With it the front is what an installation has; in the scenarios that need nothing else, it starts nothing else.
if (front && executable) copied(standalone, 'front', 'eks-get-token-full')
const aws = onPath('aws')
const authenticator = onPath('aws-iam-authenticator')
/** Beyond these the others need more than an endpoint to find the local servers, or cannot do it. */
const COMPARABLE = ['keys in the environment', 'static profile']
const PROGRAMS = [
  { name: 'npm command', words: [process.execPath, root('bin/eks-get-token.cjs'), ...CLUSTER] },
  ...(executable ? [{ name: 'executable', words: [executable, ...CLUSTER] }] : []),
  ...(front && executable ? [{ name: 'front and executable', words: [front, ...CLUSTER] }] : []),
  ...(authenticator
    ? [
        {
          name: 'aws-iam-authenticator',
          words: [authenticator, 'token', '-i', 'demo'],
          slow: true,
          scenarios: COMPARABLE.slice(0, 1),
        },
      ]
    : []),
  ...(aws ? [{ name: 'aws', words: [aws, 'eks', 'get-token', ...CLUSTER], slow: true, scenarios: COMPARABLE }] : []),
]

try {
  const times = await measureTimes()
  const memory = measureMemory()
  const concurrency = await measureConcurrency()
  report(times, memory, concurrency)
} finally {
  servers.stdin.end()
  measurer.stdin.end()
}

/** @returns program → scenario → { ratio, ms }, by wall time and by CPU time */
async function measureTimes() {
  const found = new Map(PROGRAMS.map(({ name }) => [name, new Map(SCENARIOS.map((scenario) => [scenario.name, []]))]))
  const floor = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name: scenario, args, env, before = () => {} } of SCENARIOS) {
      const empty = await measure(EMPTY.words, base)
      floor.push(empty)
      for (const { name, words, slow, scenarios } of PROGRAMS) {
        if (slow && round >= SLOW_ROUNDS) continue
        if (scenarios && !scenarios.includes(scenario)) continue
        await before()
        const run = await measure([...words, ...args], { ...base, ...env })
        found.get(name).get(scenario).push({ run, empty })
      }
    }
  }
  const summary = (values, time) =>
    values.length === 0
      ? undefined
      : {
          ratio: median(values.map(({ run, empty }) => run[time] / empty[time])),
          ms: median(values.map(({ run }) => run[time])),
        }
  return {
    floor: (time) => median(floor.map((empty) => empty[time])),
    of: (program, scenario, time) => summary(found.get(program).get(scenario), time),
  }
}

/** @returns milliseconds: `wall` and `cpu` */
async function measure(words, env) {
  measurer.stdin.write(`${JSON.stringify({ words, env, cwd: home })}\n`)
  const { value, done } = await measurements.next()
  const result = done ? { status: 'none: python3 has ended' } : JSON.parse(value)
  if (result.status !== 0) throw new Error(`${words.join(' ')}: exit ${result.status}`)
  return result
}

/**
 * Peak of the resident set in MiB, by the program `time`: what Python starts has at least the peak of Python. undefined
 * without it.
 */
function measureMemory() {
  const peak = (words, env) => {
    const values = Array.from({ length: 9 }, () => {
      const { stderr, status } = spawnSync('/usr/bin/time', ['-f', '%M', ...words], {
        env: { ...base, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      return status === 0 ? Number(stderr) / 1024 : undefined
    })
    return values.includes(undefined) ? undefined : median(values)
  }
  return new Map([EMPTY, ...PROGRAMS].map(({ name, words }) => [name, peak(words, keys)]))
}

/** Milliseconds until all of that many processes have ended: program → count → median. */
async function measureConcurrency() {
  const found = new Map()
  for (const { name, words, slow } of [EMPTY, ...PROGRAMS]) {
    const row = []
    for (const count of CONCURRENCY) {
      const values = []
      for (let round = 0; round < (slow ? 1 : 7); round++) {
        const start = process.hrtime.bigint()
        await Promise.all(Array.from({ length: count }, () => ended(words)))
        values.push(Number(process.hrtime.bigint() - start) / 1e6)
      }
      row.push(median(values))
    }
    found.set(name, row)
  }
  return found
}

function ended([program, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...base, ...keys }, cwd: home, stdio: 'ignore' })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program}: exit ${code}`))))
  })
}

function report(times, memory, concurrency) {
  const names = PROGRAMS.map(({ name }) => name)
  const cell = (found) => (found ? `${found.ratio.toFixed(2)} (${found.ms.toFixed(0)} ms)` : '–')
  const mib = (value) => (value === undefined ? '–' : `${value.toFixed(0)} MiB`)
  const rows = (time) =>
    SCENARIOS.map(
      ({ name }) => `| ${name} | ${names.map((program) => cell(times.of(program, name, time))).join(' | ')} |`,
    )
  const heading = (title) => [`| ${title} | ${names.join(' | ')} |`, `| --- |${names.map(() => ' --- |').join('')}`]
  const table = [
    ...heading('times an empty script'),
    ...rows('wall'),
    `| peak memory, keys | ${names.map((program) => mib(memory.get(program))).join(' | ')} |`,
    ...CONCURRENCY.map(
      (count, index) =>
        `| ${count} at once, keys | ${names.map((program) => `${concurrency.get(program)[index].toFixed(0)} ms`).join(' | ')} |`,
    ),
  ].join('\n')
  const sizes = [
    ['hot bundle', 'dist/main.cjs'],
    ...(executable ? [['executable', 'dist/standalone/eks-get-token']] : []),
    ...(front ? [['front', 'dist/front/eks-get-token']] : []),
  ]
    .map(([name, file]) => `${name} ${Math.round(statSync(root(file)).size / 1000)} KB`)
    .join(', ')
  const missing = ['aws', 'aws-iam-authenticator'].filter((name) => !names.includes(name))
  const text = `# Results

Written by \`npm run bench\`: medians of ${ROUNDS} rounds (${SLOW_ROUNDS} for other programs) against an empty script
on the same Node in the same round, which takes ${times.floor('wall').toFixed(1)} ms (CPU ${times.floor('cpu').toFixed(1)} ms) and ${mib(memory.get('empty script'))}; ${CONCURRENCY.join(', ')} of them at once take
${concurrency
  .get('empty script')
  .map((ms) => `${ms.toFixed(0)} ms`)
  .join(', ')}. STS and SSO are local servers without TLS.

Node ${process.version}, ${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB. ${versions()}
${sizes}.${missing.length > 0 ? ` Not on PATH, so not measured: ${missing.join(', ')}.` : ''}

${table}

The same by CPU time:

${[...heading('CPU, times an empty script'), ...rows('cpu')].join('\n')}
`
  writeFileSync(root('bench/RESULTS.md'), text)
  console.log(text)
}

function versions() {
  const first = (words) => spawnSync(words[0], words.slice(1), { env: base, encoding: 'utf8' })
  const lines = [
    ...(aws ? [first([aws, '--version']).stdout] : []),
    ...(authenticator ? [`aws-iam-authenticator ${first([authenticator, 'version']).stdout}`] : []),
  ]
  return lines.map((line) => `${line.trim().split(' Python')[0]}. `).join('')
}

function onPath(name) {
  return (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}

async function firstLine(stream) {
  for await (const line of createInterface(stream)) return line
}
