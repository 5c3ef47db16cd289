import type { Plan } from '../../credentials/plan.ts'
import type { Host } from '../../host.ts'
import type { Token, TokenOptions } from '../../index.ts'
import type { Context, ExecBlock } from '../../kubernetes/context.ts'
import type { Settings } from '../../settings/settings.ts'
import type { Verified } from '../../token/verify/identity.ts'
import type { Principal } from '../../token/verify/principal.ts'
import type { Terminal } from '../terminal.ts'

/** What a check found. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly finding: string
  /** The next step, where it is another than the check's own. */
  readonly remedy?: string | undefined
}

/**
 * One link between a user and a cluster. All of them are data in checks.ts, in the order in which a failure of one is
 * the cause of what fails after it.
 */
export interface Check {
  readonly id: string
  /** What is shown while it waits for somebody; undefined: it asks nobody. */
  readonly waitsFor?: string
  /** What earlier checks must have found. Without it there is nothing to check, and the line is left out. */
  readonly needs: readonly (keyof Found)[]
  readonly run: (chain: Chain) => Finding | Promise<Finding>
  /** The next step where the check fails and knows no better one. */
  readonly remedy: string
}

/** What the checks hand on, each to those after it. */
export interface Found {
  context: Context
  exec: ExecBlock
  /** The path at which the command was found. */
  commandPath: string
  tokenOptions: TokenOptions
  settings: Settings
  plan: Plan
  token: Token
  answer: Verified
  principal: Principal
  /** The API server can be asked with a token. */
  serverIsReady: true
}

export interface Chain {
  /** The machine as kubectl's plugin would see it: with the variables of the exec block, once that is read. */
  host: Host
  readonly shell: Host['env']
  readonly options: DoctorOptions
  readonly found: Partial<Found>
  readonly isExecutable: (path: string) => boolean
  readonly terminal: Terminal
  /** Wipes out what is shown while a check waits: a person is going to be asked. */
  readonly clearTheLine: () => void
}

export interface DoctorOptions {
  readonly context: string | undefined
  readonly kubeconfig: string | undefined
  readonly sendToken: boolean
  /** What the command line says takes the place of what the kubeconfig says. */
  readonly values: ReadonlyMap<string, string | true>
}

export function ok(finding: string): Finding {
  return { status: 'ok', finding }
}

export function warn(finding: string, remedy?: string): Finding {
  return { status: 'warn', finding, remedy }
}

export function fail(finding: string, remedy?: string): Finding {
  return { status: 'fail', finding, remedy }
}

/** What an earlier check has found; `needs` says that it is there. */
export function need<Key extends keyof Found>({ found }: Chain, key: Key): Found[Key] {
  const value = found[key]
  if (value === undefined) throw new Error(`a check does not say that it needs ${key}`)
  return value as Found[Key]
}
