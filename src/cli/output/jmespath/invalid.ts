import { EksTokenError } from '../../../errors.ts'

/** An expression that cannot be read, with a caret below the place. The AWS CLI gives 252 for it, before any work. */
export function invalid(expression: string, problem: string, start?: number): EksTokenError {
  const place =
    start === undefined ? '' : `:\n  ${expression}\n  ${' '.repeat([...expression.slice(0, start)].length)}^`
  return new EksTokenError(
    'ERR_PARAMETER',
    `Bad value for --query ${expression}: Invalid JMESPath expression: ${problem}${place}`,
    { remedy: 'see https://jmespath.org/tutorial.html for how an expression is written' },
  )
}

/** An expression that can be read but not applied; the AWS CLI gives 255, when everything else is done. */
export function inapplicable(problem: string): EksTokenError {
  return new EksTokenError('ERR_OUTPUT', `--query cannot be applied: ${problem}`, {
    remedy: 'run without --query to see what there is to query',
  })
}
