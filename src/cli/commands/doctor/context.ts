import type { Settings } from '../../../config/settings.ts'
import type { Token, TokenOptions } from '../../../create-token.ts'
import type { Plan } from '../../../credentials/sources/registry.ts'
import type { ClusterAccess, Context } from '../../../kubernetes/context.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import type { Kubeconfig } from '../../../kubernetes/kubeconfig/read.ts'
import type { StaticCredentials } from '../../../kubernetes/user-credentials.ts'
import type { Deadline } from '../../../net/deadline.ts'
import type { Runtime } from '../../../runtime.ts'
import type { Principal } from '../../../token/verify/principal.ts'
import type { Snippets } from '../../../token/verify/snippets.ts'
import type { StsVerdict } from '../../../token/verify/verdict.ts'
import type { Terminal } from '../../terminal.ts'
import type { Files } from './files.ts'
import type { PluginInvocation } from './plugin-invocation.ts'

/** The result of a check. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** The next step; default: that of the check. */
  readonly remedy?: string | undefined
  /** What later checks need. */
  readonly artifacts?: Partial<CheckArtifacts>
}

/** What the checks hand on to later checks. */
export interface CheckArtifacts {
  readonly kubeContext: Context
  /** kubectl does not reject the cluster entry. */
  readonly isUsable: true
  /** Credentials of the user that kubectl uses instead of the exec block. */
  readonly staticCredentials: StaticCredentials
  readonly exec: ExecBlock
  /** The runtime of the plugin: with the environment variables of the exec block and of wrappers. */
  readonly pluginRuntime: Runtime
  /** Where the command was found. */
  readonly commandPath: string
  readonly invocation: PluginInvocation
  /** The identity is not known for certain: a wrapper, which is not run, may select another one. */
  readonly isAssumed: true
  readonly tokenOptions: TokenOptions
  readonly settings: Settings
  readonly plan: Plan
  /** STS responded; its clock, if it sent one. */
  readonly sts: { readonly skewSeconds: number | undefined }
  readonly token: Token
  readonly verdict: StsVerdict
  readonly principal: Principal
  /** The API server, which may be sent a token. */
  readonly apiServer: ApiServerAccess
  /** The API server has authenticated the credentials. */
  readonly isAuthenticated: true
  /** What grants access to an identity that the API server does not know. */
  readonly snippets: Snippets
}

export interface ApiServerAccess {
  readonly cluster: ClusterAccess
  /** PEM text; undefined: the trust store of the runtime. */
  readonly ca: string | undefined
}

/** One step between a kubeconfig and its cluster. checks.ts has all of them, in order. */
export interface Check {
  readonly id: string
  /** What the check waits for, to be shown meanwhile; undefined: it does not use the network. */
  readonly waitsFor?: string
  /** Without these the check is skipped. */
  readonly needs: readonly (keyof CheckArtifacts)[]
  /** A further condition on what was found; default: none. */
  readonly isNeeded?: (artifacts: Partial<CheckArtifacts>) => boolean
  /** The next step, unless the finding has its own. */
  readonly remedy: string | ((context: Pick<DoctorContext, 'hasKubeconfig'>) => string)
  readonly run: (artifacts: Partial<CheckArtifacts>, context: DoctorContext) => Finding | Promise<Finding>
}

interface CheckDefinition<Needs extends readonly (keyof CheckArtifacts)[]> extends Omit<Check, 'needs' | 'run'> {
  readonly needs: Needs
  /** Gets the artifacts that it needs; any other only if an earlier check found it. */
  readonly run: (
    artifacts: Pick<CheckArtifacts, Needs[number]> & Partial<CheckArtifacts>,
    context: DoctorContext,
  ) => Finding | Promise<Finding>
}

/** Types the artifacts that a check receives by what it needs. */
export function defineCheck<const Needs extends readonly (keyof CheckArtifacts)[]>(
  definition: CheckDefinition<Needs>,
): Check {
  // The runner calls `run` only when every needed artifact exists.
  return definition as unknown as Check
}

export interface DoctorContext {
  /** The runtime of kubectl: without the environment variables of the exec block. */
  readonly runtime: Runtime
  readonly options: Readonly<DoctorOptions> & {
    /** Options of get-token on the command line, which take precedence over those in the exec block. */
    readonly overrides: ReadonlyMap<string, string | true>
  }
  /** The kubeconfig, if it was read before the checks. */
  readonly kubeconfig?: Kubeconfig
  /** False with `--cluster-name`. */
  readonly hasKubeconfig: boolean
  readonly files: Files
  readonly terminal: Terminal
  readonly timeoutSeconds: number
  /** The time limit of all checks together. */
  readonly deadline: Deadline
  /** Removes the progress line, before a prompt. */
  readonly clearProgress: () => void
  /** Names a credential_process on stderr before it is started, whatever the output format. */
  readonly announceProcess: (program: string, profile: string) => void
}

/** The options that only doctor has. */
export interface DoctorOptions {
  context?: string
  kubeconfig?: string
  sendToken: boolean
  /** Every EKS context of the kubeconfig. */
  all: boolean
}

export function ok(message: string, artifacts?: Partial<CheckArtifacts>): Finding {
  return { status: 'ok', message, ...(artifacts && { artifacts }) }
}

export function warn(message: string, details: Pick<Finding, 'remedy' | 'artifacts'> = {}): Finding {
  return { status: 'warn', message, ...details }
}

export function fail(message: string, details: Pick<Finding, 'remedy' | 'artifacts'> = {}): Finding {
  return { status: 'fail', message, ...details }
}

/** The remedy of a check that fails as a consequence of earlier ones. */
export const SEE_FAILED_CHECKS = 'see the failed checks above'
