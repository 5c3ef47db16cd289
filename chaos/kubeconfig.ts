import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { runCommand, runEksGetToken, startEksGetToken } from '../test/support/command.ts'
import { findKubectl } from '../test/support/kubectl.ts'
import { startLocalAws } from '../test/support/local-aws.ts'
import { keys } from '../test/support/runtime.ts'
import { type Group, type Lab, sleep } from './lab.ts'

const AT_ONCE = 16
const ROUNDS = 4
const KILLS = 200
/** A foreign lock is waited for, and the lock of a killed process is taken over at once. */
const MAX_SECONDS = 20

interface Place {
  readonly env: Record<string, string>
  readonly home: string
  readonly file: string
}

/** update-kubeconfig and convert-kubeconfig: many at once beside kubectl, and killed at random moments. */
export const kubeconfig: Group = async (lab) => {
  const aws = await startLocalAws({ authority: lab.authority })
  const home = mkdtempSync(join(tmpdir(), 'eks-get-token-kubeconfig-'))
  mkdirSync(join(home, '.kube'))
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
    HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
    AWS_CA_BUNDLE: lab.authority.file,
    ...keys('AKIDEXAMPLE'),
  }
  const place = { env, home, file: join(home, '.kube', 'config') }
  try {
    for (let round = 0; round < ROUNDS / lab.commands; round++) await crowd(lab, place, round)
    await kills(lab, place)
  } finally {
    rmSync(home, { recursive: true, force: true })
    await aws.close()
  }
  return undefined
}

/** All clusters are written, though `kubectl config` deletes what is added between its reading and its locking. */
async function crowd({ report }: Lab, { env, home, file }: Place, round: number): Promise<void> {
  const kubectl = findKubectl(process.env.PATH ?? '')
  const names = Array.from({ length: AT_ONCE }, (_, index) => `crowd-${round}-${index}`)
  let isDone = false
  const beside = async (): Promise<void> => {
    for (let index = 0; kubectl !== undefined && !isDone; index++) {
      const words = ['config', 'set-context', `beside-${round}`, '--namespace', `n${index}`] as const
      const { code } = await runCommand([kubectl, ...words], { env, cwd: home })
      report.count(code === 0 ? 'kubectl config beside them' : 'of kubectl that found the lock')
    }
  }
  const loop = beside()
  await Promise.all(
    names.map(async (name) => {
      const result = await runEksGetToken(['update-kubeconfig', '--name', name], { env, cwd: home, timeoutMs: 60_000 })
      report.count('updates at once')
      report.max('longest (s)', result.seconds)
      report.expect(result.code === 0 && result.stderr === '', 'an update fails', result)
    }),
  )
  isDone = true
  await loop
  const config = parse(readFileSync(file, 'utf8'))
  const arns = names.map((name) => `arn:aws:eks:eu-west-1:123456789012:cluster/${name}`)
  for (const section of ['clusters', 'users', 'contexts']) {
    const found = config[section].map((entry: { name: string }) => entry.name)
    const lost = arns.filter((arn) => !found.includes(arn))
    report.expect(lost.length === 0, `${section} are lost`, lost)
  }
}

/** After each kill the file is the old one or the new one, and the next run is not held up. */
async function kills({ report, random, commands }: Lab, { env, home, file }: Place): Promise<void> {
  const started = performance.now()
  await runEksGetToken(['update-kubeconfig', '--name', 'first'], { env, cwd: home })
  const lastMomentMs = performance.now() - started
  for (let kill = 0; kill < KILLS / commands; kill++) {
    const before = readFileSync(file, 'utf8')
    const words = [
      ['update-kubeconfig', '--name', `killed-${kill}`],
      ['convert-kubeconfig'],
      ['convert-kubeconfig', '--restore'],
    ]
    if (kill % 10 === 0) writeFileSync(file, before.replaceAll('command: eks-get-token', 'command: aws'))
    const current = readFileSync(file, 'utf8')
    const child = startEksGetToken(random.pick(words), { env, cwd: home })
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('close', (_code, signal) => resolve(signal)),
    )
    await sleep(random.next() * lastMomentMs)
    child.kill('SIGKILL')
    report.count('kills')
    if ((await ended) === null) report.count('of these after the end')
    const after = readFileSync(file, 'utf8')
    if (after !== current) report.count('of these with the new file')
    report.expect(isComplete(after, current), 'the file is damaged', after)
    if (readdirSync(join(home, '.kube')).some((name) => name.endsWith('.lock')))
      report.count('locks of killed processes')
    if (kill % 5 === 4) {
      const result = await runEksGetToken(['update-kubeconfig', '--name', 'survivor'], {
        env,
        cwd: home,
        timeoutMs: 60_000,
      })
      report.count('runs after kills')
      report.max('longest of them (s)', result.seconds)
      report.expect(result.code === 0 && result.seconds < MAX_SECONDS, 'a run after kills fails', result)
      const left = readdirSync(join(home, '.kube')).filter((name) => name.includes('.lock'))
      report.expect(left.length === 0, 'a lock lasts', left)
    }
  }
}

/** No entry is missing, and the last line is there. */
function isComplete(text: string, before: string): boolean {
  const count = (part: string): number => text.split(part).length - before.split(part).length
  return text.endsWith('\n') && ['\n- cluster:\n', '\n- context:\n', '\n  user:\n'].every((part) => count(part) >= 0)
}
