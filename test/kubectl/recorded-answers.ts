import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/** What kubectl did with a kubeconfig. */
export interface Answer {
  /** It got the list of namespaces. */
  readonly gotIn: boolean
  /** The beginning of the last line of stderr, without ports and the home directory. */
  readonly message?: string
}

/** An answer, and the row that it is for: a row that has changed needs another one. */
interface RecordedAnswer extends Answer {
  readonly row: string
}

interface Recording {
  /** The version that gave these answers. */
  readonly kubectl: string
  /** By the title of the row. */
  readonly answers: Readonly<Record<string, RecordedAnswer>>
}

const MESSAGE_LENGTH = 160
const FILE = new URL('../fixtures/kubectl-answers.json', import.meta.url)

export function readRecording(): Recording {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Recording
}

/** @param kubectl - path of the program */
export function writeRecording(kubectl: string, answers: ReadonlyMap<string, RecordedAnswer>): void {
  const { stdout } = spawnSync(kubectl, ['version', '--client', '--output=json'], { env: {}, encoding: 'utf8' })
  const version: string = JSON.parse(stdout).clientVersion.gitVersion
  const rows = [...answers].map(([title, answer]) => `    ${JSON.stringify(title)}: ${JSON.stringify(answer)}`)
  writeFileSync(FILE, `{\n  "kubectl": "${version}",\n  "answers": {\n${rows.join(',\n')}\n  }\n}\n`)
}

/** Identifies what a row gives to kubectl. */
export function hashOf(row: unknown): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 16)
}

/** @param home - the home directory of the row */
export function messageOf(stderr: string, home: string): string | undefined {
  const line = stderr.trimEnd().split('\n').at(-1)
  return line
    ?.replaceAll(home, '~')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/^[EWI]\d{4} [\d:.]+ +\d+ /, '')
    .slice(0, MESSAGE_LENGTH)
}
