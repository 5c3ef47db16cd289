import type { Service, ServiceResponse } from './exchange.ts'
import { json, text } from './exchange.ts'
import { temporaryCredentials } from './temporary-credentials.ts'

/** Credentials of an ECS task or an EKS pod; 500, 403, garbage and missing in the path select the response. */
export const container: Service = ({ url, headers }) => {
  if (!/^\/(ecs|v1\/credentials|v2\/credentials)/.test(url.pathname)) return undefined
  return {
    call: {
      service: 'container',
      op: 'GET creds',
      authorization: headers.authorization ?? null,
      query: url.search,
    },
    response: responseAt(url.pathname),
  }
}

function responseAt(path: string): ServiceResponse {
  if (path.includes('500')) return text(500, 'boom')
  if (path.includes('403')) return json(403, { code: 'AccessDenied', message: 'no' })
  if (path.includes('garbage')) return text(200, 'not json')
  if (path.includes('missing')) return json(200, { Foo: 1 })
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = temporaryCredentials('container-role')
  return json(200, {
    RoleArn: 'arn',
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration,
    AccountId: '123456789012',
  })
}
