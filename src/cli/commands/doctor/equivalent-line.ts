import { shellQuote } from '../../../python/shlex.ts'
import { redactValue } from '../../../redact.ts'
import { OPTIONS } from '../../args/options.ts'
import type { CheckArtifacts, DoctorContext } from './context.ts'

type Artifacts = Pick<CheckArtifacts, 'pluginRuntime'> & Partial<Pick<CheckArtifacts, 'invocation' | 'kubeContext'>>

/** Variables that a line for the same identity has to set; credentials are not written into it. */
const VARIABLES =
  /^AWS_(DEFAULT_)?(PROFILE|REGION)$|^AWS_(CONFIG_FILE|SHARED_CREDENTIALS_FILE|CA_BUNDLE)$|^HTTPS_PROXY$/

/** A command line of this program for the identity and the cluster that were checked, to be pasted into a shell. */
export function equivalentLine(
  subcommand: string,
  { pluginRuntime, invocation }: Artifacts,
  { runtime, options }: Pick<DoctorContext, 'runtime' | 'options'>,
): string {
  const variables = Object.entries(pluginRuntime.env)
    .filter(([name, value]) => VARIABLES.test(name) && value !== undefined && value !== runtime.env[name])
    .map(([name, value]) => `${name}=${shellQuote(redactValue(value ?? ''))}`)
  const values = new Map([...(invocation?.values ?? []), ...options.overrides])
  const words = OPTIONS.filter(
    ({ group, name }) => (group === 'cluster' || group === 'credentials') && values.has(name),
  ).map(({ name }) => {
    const value = values.get(name)
    return value === true ? `--${name}` : `--${name} ${shellQuote(redactValue(String(value)))}`
  })
  return [...variables, 'eks-get-token', subcommand, ...words].join(' ')
}
