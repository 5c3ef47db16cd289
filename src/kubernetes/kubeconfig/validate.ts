import { EksTokenError } from '../../errors.ts'
import { asList, field, type Values } from '../../json.ts'

const SECTIONS = ['clusters', 'users', 'contexts'] as const

const TOP_LEVEL: Readonly<Record<string, 'list' | 'dict' | 'str'>> = {
  apiVersion: 'str',
  clusters: 'list',
  contexts: 'list',
  'current-context': 'str',
  kind: 'str',
  preferences: 'dict',
  users: 'list',
}

/**
 * Checks what the AWS CLI checks in a kubeconfig, in its words.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/eks/kubeconfig.py (KubeconfigValidator)
 *
 * @param path - of the file, for errors
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export function checkKubeconfig(value: unknown, path: string): asserts value is Values | null {
  if (value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid("Content not a <class 'dict'>.", path)
  for (const [key, wanted] of Object.entries(TOP_LEVEL)) {
    const content = field(value, key)
    if (content === undefined || content === null || pythonType(content) === wanted) continue
    throw invalid(`${key} is wrong type: ${pythonClass(pythonType(content))} (Should be ${pythonClass(wanted)})`, path)
  }
  for (const section of SECTIONS) {
    const isValid = asList(field(value, section)).every((entry) => pythonType(entry) === 'dict')
    if (!isValid) throw invalid(`Entry in ${section} not a <class 'dict'>. `, path)
  }
}

function pythonType(value: unknown): 'list' | 'dict' | 'str' | 'bool' | 'int' | 'float' | 'NoneType' {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'dict'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  return Number.isInteger(value) ? 'int' : 'float'
}

function pythonClass(type: string): string {
  return `<class '${type === 'dict' ? 'collections.OrderedDict' : type}'>`
}

function invalid(message: string, path: string): EksTokenError {
  return new EksTokenError('ERR_KUBECONFIG', message, {
    remedy: `correct ${path}, or use another file with --kubeconfig FILE`,
  })
}
