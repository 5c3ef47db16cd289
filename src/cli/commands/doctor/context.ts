import type { Settings } from '../../../config/settings.ts'
import type { Token, TokenOptions } from '../../../create-token.ts'
import type { Plan } from '../../../credentials/plan/types.ts'
import type { Context, ExecBlock } from '../../../kubernetes/context.ts'
import type { Runtime } from '../../../runtime.ts'
import type { Principal } from '../../../token/verify/principal.ts'
import type { StsVerdict } from '../../../token/verify/verdict.ts'
import type { Terminal } from '../../terminal.ts'

/** What a check found. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** The next step, where it differs from the check's own. */
  readonly remedy?: string | undefined
  /** What the checks after this one build on. */
  readonly found?: Partial<CheckArtifacts>
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
  readonly needs: readonly (keyof CheckArtifacts)[]
  readonly run: (context: DoctorContext) => Finding | Promise<Finding>
  /** The next step where the check fails and knows no better one. */
  readonly remedy: string
}

/** What the checks hand on, each to those after it. */
export interface CheckArtifacts {
  readonly kubeContext: Context
  readonly exec: ExecBlock
  /** The runtime as the plugin has it: with the variables of the exec block. */
  readonly pluginRuntime: Runtime
  /** The path at which the command was found. */
  readonly commandPath: string
  readonly tokenOptions: TokenOptions
  readonly settings: Settings
  readonly plan: Plan
  readonly token: Token
  readonly verified: StsVerdict
  readonly principal: Principal
  /** The API server can be asked with a token. */
  readonly serverIsReady: true
}

export interface DoctorContext {
  /** As kubectl has it. */
  readonly runtime: Runtime
  readonly options: Readonly<DoctorOptions> & {
    /** Options of get-token on the command line; they take precedence over those in the kubeconfig. */
    readonly overrides: ReadonlyMap<string, string | true>
  }
  readonly found: Partial<CheckArtifacts>
  readonly isExecutable: (path: string) => boolean
  readonly terminal: Terminal
  /** Wipes out what is shown while a check waits: a person is going to be asked. */
  readonly clearProgress: () => void
}

/** The options that only doctor has. */
export interface DoctorOptions {
  context?: string
  kubeconfig?: string
  sendToken: boolean
}

export function ok(message: string, found: Partial<CheckArtifacts> = {}): Finding {
  return { status: 'ok', message, found }
}

export function warn(message: string, remedy?: string, found: Partial<CheckArtifacts> = {}): Finding {
  return { status: 'warn', message, remedy, found }
}

export function fail(message: string, remedy?: string, found: Partial<CheckArtifacts> = {}): Finding {
  return { status: 'fail', message, remedy, found }
}

/** What an earlier check has found; `needs` says that it is there. */
export function requireArtifact<Key extends keyof CheckArtifacts>(
  { found }: DoctorContext,
  key: Key,
): CheckArtifacts[Key] {
  const value = found[key]
  if (value === undefined) throw new Error(`a check does not say that it needs ${key}`)
  return value as CheckArtifacts[Key]
}
