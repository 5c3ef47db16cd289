import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAwsArguments } from '../../../src/cli/args/aws-arguments.ts'
import { createArgumentsParser } from '../../../src/cli/commands/convert-kubeconfig/exec-arguments.ts'
import { PROPERTY_RUNS, PROPERTY_TIMEOUT } from '../../support/property-runs.ts'

const WORDS = [
  ...['--cluster-name', '--cluster-n', '--region', '--role-arn', '--role', '--profile', '--output', '--cluster-id'],
  ...[
    '--cluster-name=a',
    '--no-verify-ssl',
    '--',
    '-x',
    '-1',
    '',
    'json',
    'a',
    'b c',
    '\0',
    '\x001',
    'eks',
    'get-token',
  ],
  ...['help', '--help', 'update-kubeconfig'],
]

const outcome = (parse: () => unknown): unknown => {
  try {
    return parse()
  } catch {
    return 'an error'
  }
}

test('arguments of the same form are read as each of them alone', { timeout: PROPERTY_TIMEOUT }, () => {
  const line = fc.oneof(
    fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 5 }).map((rest) => ['eks', 'get-token', ...rest]),
    fc
      .tuple(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS))
      .map(([a, b]) => [...['--region', a, 'eks', 'get-token', '--cluster-name', b]]),
  )
  const property = fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => {
    const parse = createArgumentsParser()
    for (const args of lines) {
      const result = outcome(() => {
        const { command, values } = parse(args)
        return { command, values }
      })
      expect(result).toEqual(
        outcome(() => {
          const { command, values } = parseAwsArguments(args)
          return { command, values }
        }),
      )
    }
  })
  fc.assert(property, { numRuns: PROPERTY_RUNS })
})
