import type { CommandResult } from '../support/command.ts'
import type { Call } from '../support/local-aws/exchange.ts'
import type { Files, ParityCase } from './case.ts'
import { ISO_TIME, mask, type Surroundings, TOKEN } from './placeholders.ts'
import { isWrittenAsTheAwsCliDoes, rawUrlOf, readTokenUrl, type TokenUrl } from './token-url.ts'

/** What one run did, in the words of an expectation. */
export interface Observation {
  exit: number | string
  apiVersion: string | undefined
  url: TokenUrl | undefined
  /** The URL with its date and signature masked. */
  rawUrlShape: string | undefined
  /** The URL's query has the AWS CLI's order and encoding; undefined without a token. */
  writtenAsTheAwsCliDoes: boolean | undefined
  expirationTimestamp: string | undefined
  calls: Call[]
  stdout: string
  stderr: string
  filesAfter: Files
  /** Milliseconds since the epoch. */
  startedAt: number
  seconds: number
}

export function observe(
  result: CommandResult,
  { startedAt, calls, filesAfter }: Pick<Observation, 'startedAt' | 'calls' | 'filesAfter'>,
  { clusterIds = ['foo'] }: ParityCase,
  surroundings: Surroundings,
): Observation {
  const { stdout, stderr, seconds } = result
  const credential = execCredential(stdout)
  // Text, table, YAML and --query show token and time too.
  const [token] = stdout.match(TOKEN) ?? []
  const [time] = stdout.match(ISO_TIME) ?? []
  const rawUrl = token === undefined ? undefined : rawUrlOf(token)
  return {
    exit: result.timedOut ? `killed after ${seconds.toFixed()} s` : (result.code ?? `signal ${result.signal}`),
    apiVersion: credential?.apiVersion,
    expirationTimestamp: credential?.status?.expirationTimestamp ?? time,
    ...(rawUrl === undefined ? WITHOUT_TOKEN : withToken(rawUrl, clusterIds, surroundings)),
    calls,
    filesAfter,
    stdout: mask(stdout, surroundings),
    stderr: mask(stderr, surroundings),
    startedAt,
    seconds,
  }
}

const WITHOUT_TOKEN = { url: undefined, rawUrlShape: undefined, writtenAsTheAwsCliDoes: undefined }

function withToken(raw: string, clusterIds: string[], surroundings: Surroundings) {
  const url = readTokenUrl(raw, clusterIds)
  return {
    url: { ...url, host: mask(url.host, surroundings) },
    rawUrlShape: mask(raw, surroundings)
      .replace(/(X-Amz-Date=)\w+/, '$1<DATE>')
      .replace(/(%2F)\d{8}(%2F)/, '$1<DAY>$2')
      .replace(/(X-Amz-Signature=)\w+/, '$1<SIG>'),
    writtenAsTheAwsCliDoes: isWrittenAsTheAwsCliDoes(raw),
  }
}

interface ExecCredential {
  apiVersion?: string
  status?: { expirationTimestamp?: string }
}

function execCredential(stdout: string): ExecCredential | undefined {
  try {
    const value = JSON.parse(stdout)
    return value?.kind === 'ExecCredential' ? value : undefined
  } catch {
    return undefined
  }
}
