// Functions that every run calls are parsed once. V8 only skims a function when it reads a file, and parses it
// again at the first call; one in parentheses it takes for one that is called at once, and parses it right away.
// https://v8.dev/blog/preparser#pife
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'acorn'

/**
 * Puts the functions of a bundle that were called in parentheses:
 *
 * - a declaration is bound to a variable, `function f(a){…}` becomes `var f=(function(a){…})`. It can be called before its
 *   place in the file, so the variables come first in the bundle, or in the function around it
 * - an arrow function becomes a function expression, unless it has `this` or `arguments` of the function around it: V8 skims
 *   arrow functions in parentheses, too
 *
 * Methods of classes and objects stay as they are.
 *
 * @param {string} code
 * @param {(start: number, end: number) => boolean} wasCalled by the position of a function
 * @returns {string}
 * @throws if there is no such function
 */
export function bindEagerly(code, wasCalled) {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'script', preserveParens: true })
  const isCalled = ({ start, end }) => wasCalled(start, end)
  let count = 0

  /** The text of a node, or a part of it, with all changes in it. */
  const textOf = (node, start = node.start, end = node.end) => {
    const changes = changesIn(node).filter((change) => change.start >= start && change.end <= end)
    let text = ''
    let position = start
    for (const change of changes.sort((a, b) => a.start - b.start || a.end - b.end)) {
      text += code.slice(position, change.start) + change.text
      position = change.end
    }
    return text + code.slice(position, end)
  }

  const changesIn = (node) => {
    const declarations = bodyOf(node).filter((child) => child.type === 'FunctionDeclaration' && isCalled(child))
    const variables = declarations.map((child) => `${child.id.name}=${asExpression(child)}`)
    const start = startOfBody(node)
    return [
      ...(variables.length > 0 ? [{ start, end: start, text: `var ${variables.join(',')};` }] : []),
      ...childrenOf(node).flatMap((child) => {
        if (declarations.includes(child)) return [{ start: child.start, end: child.end, text: '' }]
        if (!isExpression(child, node) || !isCalled(child)) return changesIn(child)
        return [{ start: child.start, end: child.end, text: asExpression(child) }]
      }),
    ]
  }

  const asExpression = (node) => {
    count++
    const head = `${node.async ? 'async ' : ''}function${node.generator ? '*' : ''}`
    if (node.type !== 'ArrowFunctionExpression') {
      // From the parameters on: the name of a declaration is that of its variable.
      const id = node.type === 'FunctionDeclaration' ? node.id : undefined
      return `(${id ? head + textOf(node, id.end) : textOf(node)})`
    }
    const { params, body } = node
    const parameters = params.length > 0 ? textOf(node, params[0].start, params.at(-1).end) : ''
    const isBlock = body.type === 'BlockStatement'
    const text = textOf(node, body.start, body.end)
    return `(${head}(${parameters})${isBlock ? text : `{return ${text}}`})`
  }

  const result = textOf(program)
  if (count === 0) throw new Error('no function of the bundle is called by a run')
  return result
}

/** A function that is a value, and can be put in parentheses. */
function isExpression({ type, params, body }, parent) {
  if (type === 'ArrowFunctionExpression') return ![...params, body].some(usesOuterThis)
  return (
    type === 'FunctionExpression' &&
    !['ParenthesizedExpression', 'MethodDefinition'].includes(parent.type) &&
    !(parent.type === 'Property' && (parent.method || parent.kind !== 'init'))
  )
}

/** Whether there is a word whose meaning depends on the kind of function that it is in. */
function usesOuterThis(node) {
  if (['ThisExpression', 'Super', 'MetaProperty'].includes(node.type)) return true
  if (node.type === 'Identifier') return node.name === 'arguments'
  return !/^Function/.test(node.type) && childrenOf(node).some(usesOuterThis)
}

/** The statements of a bundle or a function. */
function bodyOf({ type, body }) {
  if (type === 'Program') return body
  return /Function/.test(type) && body.type === 'BlockStatement' ? body.body : []
}

/** After the directives. */
function startOfBody(node) {
  const directive = bodyOf(node).findLast((statement) => statement.directive)
  return directive?.end ?? (node.type === 'Program' ? node.start : node.body?.start + 1)
}

/** Of a function its parameters and statements. */
function childrenOf(node) {
  const body = bodyOf(node)
  return Object.values(body.length > 0 ? { ...node, body } : node)
    .flat()
    .filter((child) => typeof child?.type === 'string')
}

/**
 * @param {string} file a bundle
 * @param {readonly { args: readonly string[], env: Readonly<Record<string, string>> }[]} runs
 * @returns {(start: number, end: number) => boolean} whether one of them called the function at this position
 * @throws if a run fails
 */
export function calledFunctions(file, runs) {
  const coverage = mkdtempSync(join(dirname(file), 'coverage-'))
  for (const { args, env } of runs) {
    execFileSync(process.execPath, [file, ...args], { env: { ...env, NODE_V8_COVERAGE: coverage } })
  }
  const scripts = readdirSync(coverage)
    .flatMap((name) => JSON.parse(readFileSync(join(coverage, name), 'utf8')).result)
    .filter(({ url }) => url.endsWith(`/${basename(file)}`))
  rmSync(coverage, { recursive: true })
  const called = new Set(
    scripts
      .flatMap(({ functions }) => functions.map(({ ranges }) => ranges[0]))
      .filter(({ count }) => count > 0)
      .map(({ startOffset, endOffset }) => `${startOffset}-${endOffset}`),
  )
  return (start, end) => called.has(`${start}-${end}`)
}
