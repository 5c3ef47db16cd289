// Functions that every run calls are parsed once. V8 only skims a function declaration when it reads a file, and parses it
// again at the first call; one in parentheses it takes for one that is called at once, and parses it right away.
// https://v8.dev/blog/preparser#pife
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'acorn'

/** In characters: parentheses around a shorter one are not worth their bytes. */
const MIN_LENGTH = 100

/**
 * Binds the functions at the top of a bundle that were called to variables: `function f(a){…}` becomes `var f=(function(a){…})`. A
 * declaration can be called before its place in the file, so the variables come first.
 *
 * @param {string} code
 * @param {(start: number, end: number) => boolean} wasCalled by the position of a function
 * @returns {string}
 * @throws if there is no such function
 */
export function bindEagerly(code, wasCalled) {
  const { body } = parse(code, { ecmaVersion: 'latest', sourceType: 'script' })
  const called = body.filter(
    ({ type, start, end }) => type === 'FunctionDeclaration' && end - start >= MIN_LENGTH && wasCalled(start, end),
  )
  if (called.length === 0) throw new Error('no function of the bundle is called by a run')
  const bindings = called.map((node) => {
    const { name } = node.id
    const head = `${node.async ? 'async ' : ''}function${node.generator ? '*' : ''}`
    return `${name}=(${head}${code.slice(node.id.end, node.end)})`
  })
  const directives = body.filter(({ directive }) => directive).at(-1)?.end ?? 0
  let rest = ''
  let position = directives
  for (const { start, end } of called) {
    rest += code.slice(position, start)
    position = end
  }
  return `${code.slice(0, directives)}var ${bindings.join(',')};${rest}${code.slice(position)}`
}

/**
 * @param {string} file a bundle
 * @param {readonly string[][]} runs the arguments of each run
 * @param {Readonly<Record<string, string>>} env of the runs
 * @returns {(start: number, end: number) => boolean} whether one of them called the function at this position
 * @throws if a run fails
 */
export function calledFunctions(file, runs, env) {
  const coverage = mkdtempSync(join(env.HOME, 'coverage-'))
  for (const args of runs) {
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
