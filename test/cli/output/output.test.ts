import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OUTPUT_FORMATS, type OutputFormat } from '../../../src/cli/output/formats.ts'
import { renderOutput } from '../../../src/cli/output/index.ts'
import { compileQuery } from '../../../src/cli/output/query.ts'

/** See test/fixtures/output/README.md. */
interface Recorded {
  readonly query: string
  readonly format: OutputFormat
  readonly color?: 'on' | 'off' | 'auto'
  readonly columns?: number | null
  readonly terminal?: boolean
  readonly stdout?: string
  readonly error?: 'expression' | 'value'
}

const RECORDED = JSON.parse(
  readFileSync(new URL('../../fixtures/output/recorded.json', import.meta.url), 'utf8'),
) as readonly Recorded[]

/** The value that the formatters were given. */
const CREDENTIAL = {
  kind: 'ExecCredential',
  apiVersion: 'client.authentication.k8s.io/v1beta1',
  spec: {},
  status: {
    expirationTimestamp: '2026-01-02T03:18:05Z',
    token:
      'k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0eSZWZXJzaW9uPTIwMTEtMDYtMTU',
  },
}

async function print({ query, format, color = 'off', columns, terminal = false }: Recorded): Promise<string> {
  return renderOutput(compileQuery(query)(CREDENTIAL), {
    format,
    title: 'get-token',
    color,
    terminal: { isTerminal: terminal, columns: columns ?? undefined },
  })
}

test('the recorded rows were found', () => expect(RECORDED.length).toBeGreaterThan(280))

describe('the output is that of the AWS CLI, byte for byte', () => {
  const rows = RECORDED.filter(({ stdout }) => stdout !== undefined)
  test.each(rows.map((row) => [row.format, row.query, row] as const))('%s %s', async (_format, _query, row) => {
    expect(await print(row)).toBe(row.stdout)
  })
})

describe('a value that the AWS CLI cannot print is an error', () => {
  const rows = RECORDED.filter(({ error }) => error !== undefined)
  test.each(rows.map((row) => [row.format, row.query, row] as const))('%s %s', async (_format, _query, row) => {
    const code = row.error === 'expression' ? 'ERR_PARAMETER' : 'ERR_OUTPUT'
    if (row.error === 'expression') {
      expect(() => compileQuery(row.query)).toThrowError(expect.objectContaining({ code, exitCode: 252 }))
    } else {
      await expect(Promise.resolve().then(() => print(row))).rejects.toMatchObject({ code, exitCode: 255 })
    }
  })
})

test.each(OUTPUT_FORMATS.filter((format) => format !== 'off'))('off prints nothing, %s something', async (format) => {
  const options = { title: 'get-token', color: 'off', terminal: { isTerminal: false, columns: undefined } } as const
  expect(await renderOutput(CREDENTIAL, { ...options, format: 'off' })).toBe('')
  expect(await renderOutput(CREDENTIAL, { ...options, format })).not.toBe('')
})
