import { EksTokenError } from '../../../errors.ts'
import { redactValue } from '../../../redact.ts'

/** An expression that cannot be parsed, with the position. The AWS CLI exits with 252, before any work. */
export function invalid(expression: string, problem: string, start?: number): EksTokenError {
  const place = start === undefined ? '' : ` (at character ${[...expression.slice(0, start)].length + 1})`
  return new EksTokenError(
    'ERR_PARAMETER',
    `Bad value for --query ${redactValue(expression)}: Invalid JMESPath expression: ${problem}${place}`,
    { remedy: 'see https://jmespath.org/tutorial.html for the syntax' },
  )
}

/** An expression that can be parsed but not applied; the AWS CLI exits with 255, after everything else. */
export function inapplicable(problem: string): EksTokenError {
  return new EksTokenError('ERR_OUTPUT', `--query cannot be applied: ${problem}`, {
    remedy: 'run without --query to see the value that the expression is applied to',
  })
}
