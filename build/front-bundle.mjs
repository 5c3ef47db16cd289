// The bundle of the front executable: src/main.ts with the shims of src/front in place of Node's built-ins.
import { join, relative, resolve } from 'node:path'
import { build } from 'esbuild'

/** The built-ins of Node that have a shim, src/front/<name>.ts. */
const SHIMS = ['buffer', 'fs', 'module', 'os', 'path']

/** The hash function of the signer and of cache file names, by front.c. */
const SHA256 = 'src/front/sha256.ts'

/** The globals that front.c and src/front/globals.ts define. */
const GLOBALS = [
  ...['Object', 'Function', 'Array', 'Number', 'Boolean', 'String', 'Symbol', 'Date', 'Promise', 'RegExp', 'Error'],
  ...['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'AggregateError', 'JSON'],
  ...['Math', 'Reflect', 'Proxy', 'Map', 'Set', 'WeakMap', 'WeakSet', 'BigInt', 'ArrayBuffer', 'DataView'],
  ...['Uint8Array', 'Int32Array', 'Uint32Array', 'BigUint64Array', 'Iterator'],
  ...['parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'decodeURIComponent'],
  ...['NaN', 'Infinity', 'undefined', 'globalThis'],
  ...['Buffer', 'TextEncoder', 'TextDecoder', 'URL', 'process', 'performance', 'setTimeout', 'clearTimeout'],
  ...['setInterval', 'clearInterval', 'setImmediate', 'SharedArrayBuffer', 'Atomics'],
]
/** All other globals of Node get this prefix where the bundle uses them. */
const MISSING = 'missingGlobal_'

/**
 * What is left to the full program: the modules that a run imports lazily for it, and the reason as a clause. All other
 * lazy modules become part of the front.
 */
const HANDED_OVER = {
  'src/cli/auto-login.ts': 'a login may be needed',
  'src/cli/commander.ts': 'the command line has another command or requests help',
  'src/cli/commands/update-kubeconfig/index.ts': 'the run must edit a kubeconfig',
  'src/cli/mfa-prompt.ts': 'an MFA code is required',
  'src/cli/output/table.ts': 'the output format is table',
  'src/cli/output/yaml.ts': 'the output format is YAML',
  'src/credentials/sources/container.ts': 'credentials come from a container',
  'src/credentials/sources/instance-metadata.ts': 'instance metadata is required',
  'src/credentials/sources/oauth2-token.ts': 'the login must be refreshed',
  'src/credentials/sources/process.ts': 'credentials come from a credential_process',
  'src/credentials/sources/sso.ts': 'credentials come from IAM Identity Center',
  'src/credentials/sources/sso-oidc.ts': 'the login must be refreshed',
  'src/credentials/sources/sts.ts': 'a role must be assumed',
}

/**
 * @param {string} root the project's folder
 * @param {string} version
 * @param {import('./plugins.mjs').Adaptation[]} adaptations
 * @param {string} [entry] another main module: for tests of the shims
 * @returns {Promise<{ code: string, inputs: string[] }>} one script
 * @throws when a module imports a built-in, or a member of one, that has no shim
 */
export async function bundleFront(root, version, adaptations, entry = 'src/main.ts') {
  const result = await build({
    absWorkingDir: root,
    stdin: {
      // The modules of the program need the globals when they load.
      contents: `
        import { defineGlobals } from './src/front/globals.ts'
        defineGlobals()
        import(${JSON.stringify(`./${entry}`)})`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    metafile: true,
    outfile: 'front.js',
    platform: 'node',
    format: 'iife',
    target: 'es2022',
    mainFields: ['module', 'main'],
    preserveSymlinks: true,
    minify: true,
    legalComments: 'none',
    define: { ...missingGlobals(), EKS_GET_TOKEN_VERSION: JSON.stringify(version) },
    plugins: [replaceBuiltIns(root), handOver(root), ...adaptations.map(({ plugin }) => plugin)],
    logLevel: 'warning',
  })
  const [output] = Object.values(result.metafile.outputs)
  const outside = output.imports.map(({ path }) => path)
  if (outside.length > 0) throw new Error(`the front imports ${outside.join(', ')}, and src/front has no shim for it`)
  const code = result.outputFiles[0].text
  const globals = code.match(new RegExp(`(?<!typeof )\\b${MISSING}\\w+`, 'g')) ?? []
  if (globals.length > 0)
    throw new Error(`the front uses ${globals.join(', ')}, and src/front/globals.ts has no shim for it`)
  const inputs = Object.keys(output.inputs).filter((input) => output.inputs[input].bytesInOutput > 0)
  return { code, inputs }
}

function missingGlobals() {
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => !GLOBALS.includes(name))
  return Object.fromEntries(names.map((name) => [name, `${MISSING}${name}`]))
}

function replaceBuiltIns(root) {
  return {
    name: 'replace-built-ins',
    setup({ onResolve }) {
      const filter = new RegExp(`^(node:)?(${SHIMS.join('|')})$`)
      // Interpreted, hashing is a third of a run.
      onResolve({ filter: /^@noble\/hashes\/sha2\.js$|\/RawSha256$/ }, () => ({ path: join(root, SHA256) }))
      onResolve({ filter }, ({ path, importer }) => {
        // Most that the dependencies import is dropped; what is left is an error.
        if (importer.includes('node_modules') && path !== 'buffer') return { path, external: true, sideEffects: false }
        return { path: join(root, 'src/front', `${path.replace('node:', '')}.ts`) }
      })
    },
  }
}

function handOver(root) {
  const namespace = 'handed-over'
  const lock = join(root, 'src/credentials/cache/lock.ts')
  return {
    name: namespace,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
        const source = resolve(resolveDir, path)
        if (source === lock) return { path: join(root, 'src/front/lock.ts') }
        if (kind !== 'dynamic-import') return undefined
        const name = relative(root, source).replaceAll('\\', '/')
        return HANDED_OVER[name] || isSubcommand(name) ? { path: name, namespace } : undefined
      })
      onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: `import { handOver } from './hand-over.ts'
          handOver(${JSON.stringify(HANDED_OVER[path] ?? 'the line is one of another command')})
          export {}`,
        resolveDir: join(root, 'src/front'),
      }))
    },
  }
}

function isSubcommand(name) {
  return name.startsWith('src/cli/commands/')
}
