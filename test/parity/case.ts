import { readFileSync } from 'node:fs'
import type { Behavior } from '../support/local-aws/exchange.ts'

/** `keys`: arguments, files and environment are enough. `sources`: other programs or the network are used. */
export type Group = 'keys' | 'sources'

/** One line of test/fixtures/parity/cases.json; the README beside it explains the format. */
export interface ParityCase {
  id: string
  group: Group
  argv: string[]
  /** Laid over the base environment; null takes a variable away. */
  env: Environment
  files: Record<string, string | { content: string; mode: string }>
  stdin?: string
  /** How the local AWS behaves. */
  mock?: Behavior
  /** Cluster names that may have been signed; default: foo. */
  clusterIds?: string[]
  timeout?: number
  needs: string[]
  /** Seconds that the credentials have left, where that is less than a token lives. */
  shortCredentials?: number
  /** A warning on stderr is no failure. */
  warns?: boolean
  expect: Expectation
  then?: Step[]
}

/** A further run in the same home. */
export interface Step {
  argv?: string[]
  env?: Environment
  /** Files rewritten before the run; null deletes. */
  mutate?: Record<string, string | null>
  /** The expiration put into every JSON file of a folder before the run. */
  age?: { dir: string; expiration: string }
  expect?: Expectation
}

export type Environment = Record<string, string | null>

export interface Expectation {
  exit: number
  apiVersion?: string
  url?: object
  rawUrlShape?: string
  calls?: object[]
  stdout?: string
  /** The AWS CLI's words; only whether it had any counts. */
  stderr?: string
  filesAfter?: Files
}

/** Path below the home → what lies there. Modes are octal. */
export type Files = Record<string, { mode: string; content?: string }>

export function readCases(): ParityCase[] {
  return JSON.parse(readFileSync(new URL('../fixtures/parity/cases.json', import.meta.url), 'utf8'))
}
