import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applyOptions } from '../../src/cli/args/apply-options.ts'
import { parseAwsArguments } from '../../src/cli/args/aws-arguments.ts'
import { createToken } from '../../src/index.ts'
import { toExecCredential } from '../../src/kubernetes/exec-credential.ts'
import { runtimeWith } from '../support/runtime.ts'

/** Tokens that the AWS CLI printed, each with its inputs and time: test/fixtures/parity/README.md. */
interface Golden {
  readonly id: string
  readonly now: string
  readonly argv: readonly string[]
  readonly env: Record<string, string>
  readonly expirationTimestamp: string
  readonly token: string
  readonly url: string
}

const GOLDEN = JSON.parse(
  readFileSync(new URL('../fixtures/parity/golden.json', import.meta.url), 'utf8'),
) as readonly Golden[]

test('there are 19 recorded tokens of the AWS CLI', () => expect(GOLDEN).toHaveLength(19))

test.each(GOLDEN.map((golden) => [golden.id, golden] as const))(
  '%s: the token is byte-identical',
  async (_id, golden) => {
    const runtime = runtimeWith({ env: golden.env, now: golden.now })
    const { token: options } = applyOptions(parseAwsArguments(golden.argv).values, runtime)
    const { token, expiresAt } = await createToken(options, runtime)
    expect(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString()).toBe(golden.url)
    expect(toExecCredential(token, expiresAt, 'v').status).toEqual({
      expirationTimestamp: golden.expirationTimestamp,
      token: golden.token,
    })
  },
)
