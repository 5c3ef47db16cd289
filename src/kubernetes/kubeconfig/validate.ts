import { EksTokenError } from '../../errors.ts'
import { asList, field, type Values } from '../../json.ts'
import type { KubeconfigRules } from './file-errors.ts'
import { itemsOf, type SourceDocument } from './source.ts'

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

/** A value of another type than kubeconfigs have. */
interface Problem {
  /** Empty for the top level; a key; or a section and the index of an entry. */
  readonly place: readonly [] | readonly [key: string] | readonly [section: string, index: number]
  readonly type: PythonType
  readonly expected: PythonType
}

/**
 * Checks what the AWS CLI checks in a kubeconfig.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/eks/kubeconfig.py (KubeconfigValidator)
 *
 * @param path - of the file, for errors
 * @param source - its text, for the line in an error
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export function checkKubeconfig(
  value: unknown,
  path: string,
  rules: KubeconfigRules,
  source?: SourceDocument,
): asserts value is Values | null {
  const problem = findProblem(value)
  if (!problem) return
  const message = rules === 'aws-cli' ? awsWords(problem) : ownWords(problem, path, lineOf(problem, source))
  throw new EksTokenError('ERR_KUBECONFIG', message, {
    remedy: `correct ${path}, or use another file with --kubeconfig FILE`,
  })
}

function findProblem(value: unknown): Problem | undefined {
  if (value === null) return undefined
  if (pythonType(value) !== 'dict') return { place: [], type: pythonType(value), expected: 'dict' }
  for (const [key, expected] of Object.entries(TOP_LEVEL)) {
    const content = field(value, key) ?? null
    const type = pythonType(content)
    if (content !== null && type !== expected) return { place: [key], type, expected }
  }
  for (const section of SECTIONS) {
    const entries = asList(field(value, section))
    const index = entries.findIndex((entry) => pythonType(entry) !== 'dict')
    if (index >= 0) return { place: [section, index], type: pythonType(entries[index]), expected: 'dict' }
  }
  return undefined
}

type PythonType = 'list' | 'dict' | 'str' | 'bool' | 'int' | 'float' | 'NoneType'

function pythonType(value: unknown): PythonType {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'dict'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  return Number.isInteger(value) ? 'int' : 'float'
}

function awsWords({ place: [key, index], type, expected }: Problem): string {
  if (key === undefined) return "Content not a <class 'dict'>."
  return index === undefined
    ? `${key} is wrong type: ${pythonClass(type)} (Should be ${pythonClass(expected)})`
    : `Entry in ${key} not a <class 'dict'>. `
}

function pythonClass(type: string): string {
  return `<class '${type === 'dict' ? 'collections.OrderedDict' : type}'>`
}

const TYPES: Readonly<Record<PythonType, string>> = {
  list: 'a list',
  dict: 'a mapping',
  str: 'a string',
  bool: 'a boolean',
  int: 'a number',
  float: 'a number',
  NoneType: 'empty',
}

function ownWords({ place: [key, index], type, expected }: Problem, path: string, line: string): string {
  const what = key === undefined ? 'its top level' : index === undefined ? key : `an entry of ${key}`
  return `${path} is not a kubeconfig: ${what}${line} is ${TYPES[type]}, not ${TYPES[expected]}`
}

/** ` (line 3)`; empty where it is unknown. */
function lineOf({ place: [key, index] }: Problem, source: SourceDocument | undefined): string {
  if (!source?.root) return ''
  const item = itemsOf(source.root).find((candidate) => candidate.key === key)
  const entry = index === undefined ? undefined : itemsOf(item?.node)[index]
  const start = key === undefined ? source.root.start : (entry ?? item)?.start
  return start === undefined ? '' : ` (line ${source.text.slice(0, start).split('\n').length})`
}
