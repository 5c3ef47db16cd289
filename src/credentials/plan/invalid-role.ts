import { EksTokenError } from '../../errors.ts'

/** @param options - by the names of the library; at least one is not undefined */
export function roleMissing(options: object): EksTokenError {
  const [name = ''] = Object.entries(options).find(([, value]) => value !== undefined) ?? []
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  return new EksTokenError('ERR_USAGE', `${option} requires --role-arn`, {
    remedy: 'add --role-arn, or use the setting in the profile of the role',
  })
}

/** The AWS CLI's message. */
export function roleArnTooShort(length: number, minimum: number): EksTokenError {
  return new EksTokenError(
    'ERR_PARAMETER',
    `Invalid length for parameter RoleArn, value: ${length}, valid min length: ${minimum}`,
    { remedy: 'use a role ARN such as arn:aws:iam::111122223333:role/name' },
  )
}
