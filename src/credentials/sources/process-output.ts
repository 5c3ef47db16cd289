import { EksTokenError } from '../../errors.ts'
import { isRecord, tryParseJson } from '../../json.ts'
import { parsePythonJson } from '../../python/json.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'

interface ConfiguredProcess {
  readonly profile: string
}

export function parseObject(output: string): Readonly<Record<string, unknown>> | undefined {
  const value = tryParseJson(output, parsePythonJson)
  return isRecord(value) ? value : undefined
}

export function parseProcessOutput(plan: ConfiguredProcess, stdout: string, stderr: string): Credentials {
  const output = parseObject(stdout)
  if (!output) {
    throw processFailure(plan, `its output is not a JSON object${stderr && `; it printed to stderr: ${stderr}`}`)
  }
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = output
  // In Python, and so for the AWS CLI, true equals 1.
  if (Version !== 1 && Version !== true) throw processFailure(plan, describeVersion(Version))
  for (const [key, value] of Object.entries({ AccessKeyId, SecretAccessKey })) {
    if (typeof value !== 'string') throw processFailure(plan, `Missing required key in response: ${key}`)
  }
  const expiration = typeof Expiration === 'string' ? parseExpiration(Expiration) : undefined
  if (Expiration !== undefined && Expiration !== null && !expiration) {
    throw processFailure(plan, 'Expiration in its output is not a timestamp with a time zone')
  }
  return {
    accessKeyId: AccessKeyId as string,
    secretAccessKey: SecretAccessKey as string,
    sessionToken: typeof SessionToken === 'string' ? SessionToken : undefined,
    expiration,
  }
}

function describeVersion(version: unknown): string {
  if (version !== undefined && typeof version !== 'number') {
    return `Version in its output is a ${typeof version}: expected the number 1`
  }
  const name = version ?? '<Version key not provided>'
  return `Unsupported version '${name}' for credential process provider, supported versions: 1`
}

export function processFailure(plan: ConfiguredProcess, why: string, cause?: unknown, remedy?: string): EksTokenError {
  const setting = `credential_process of profile ${plan.profile}`
  return new EksTokenError(
    'ERR_CREDENTIALS',
    `Error when retrieving credentials from custom-process: ${why} (${setting})`,
    {
      cause,
      remedy:
        remedy ?? `run the ${setting} manually; it is started without a shell, so "~" and variables are not expanded`,
    },
  )
}
