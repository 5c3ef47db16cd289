import { attempt } from '../../../errors.ts'
import { field, textField } from '../../../json.ts'
import { toExecCredential } from '../../../kubernetes/exec-credential.ts'
import { readGoYaml } from '../../../kubernetes/kubeconfig/go-yaml.ts'
import type { OutputFormat } from '../../output/formats.ts'
import { type OutputValue, renderCommandOutput } from '../../output/index.ts'
import { compileQuery } from '../../output-mode.ts'

/**
 * Whether kubectl can read what get-token prints in a format and with a query: JSON or YAML with an ExecCredential. Found out
 * with an example.
 *
 * @throws EksTokenError `ERR_PARAMETER` for an invalid query
 */
export async function isReadableByKubectl(
  format: OutputFormat,
  queryText: string | undefined,
  apiVersion: string,
): Promise<boolean> {
  const query = await compileQuery(queryText)
  const credential: OutputValue = { ...toExecCredential('k8s-aws-v1.example', new Date(0), apiVersion) }
  const text = await renderCommandOutput(query ? query(credential) : credential, {
    format,
    title: 'get-token',
    color: 'off',
    terminal: { isTerminal: false, columns: undefined },
  })
  const value = attempt(() => readGoYaml(Buffer.from(text), 'output').value)
  const token = textField(field(value, 'status'), 'token')
  return (
    textField(value, 'kind') === 'ExecCredential' && textField(value, 'apiVersion') === apiVersion && Boolean(token)
  )
}
