// The bundles as data: one for each entry, and one for each module behind an `import()` in the sources, found by
// following them. They are CommonJS, because it starts faster than ES modules. Those that a run with keys or from a cache
// loads share no modules: esbuild's code splitting would defeat tree-shaking and make the first one larger. The others
// share what they have in common (GROUPS), which is most of the package's size.
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, relative, resolve } from 'node:path'
import { build, transform } from 'esbuild'
import { unusedAdaptations } from './plugins.mjs'

const MAIN = 'src/main.ts'
/** Packages that several lazy bundles need most of: each is a bundle of its own, which they load. */
const SHARED = ['yaml']
/**
 * Bundles that share files: name of the group → whether a lazy bundle belongs to it, by its source. They are loaded by runs
 * that use the network, or by commands for users, where a few more files to read do not count.
 */
const GROUPS = {
  sdk: (_path, text) => text.includes("from '@aws-sdk/"),
  command: (path) => /^src\/(cli\/commands|login|token\/verify)\//.test(path),
}

/**
 * Builds every bundle, in memory.
 *
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {string} options.version
 * @param {readonly string[]} options.libraries the sources of what the package exports to other programs
 * @param {import('./plugins.mjs').Adaptation[]} options.adaptations
 * @param {import('esbuild').LogLevel} [options.logLevel] what esbuild prints; default: warnings and errors
 * @returns {Promise<{ bundles: Map<string, Uint8Array>, inputs: string[] }>} file name → contents, and all the files that
 *   went into them, relative to the project's folder
 * @throws when a bundle cannot be built, two have one name, one would load something from outside at run time, or an
 *   adaptation of a bundled dependency found nothing to change
 */
export async function createBundles({ root, version, libraries, adaptations, logLevel = 'warning' }) {
  /** Bundle name → the source that it is built from. */
  const sources = new Map([MAIN, ...libraries].map((source) => [bundleName(source), source]))
  const discovered = []
  const add = (source) => {
    const name = bundleName(source)
    const other = sources.get(name)
    if (other !== undefined && other !== source) throw new Error(`${source} and ${other} have one bundle name: ${name}`)
    if (other === undefined) discovered.push(source)
    sources.set(name, source)
    return name
  }
  const lazyBundles = externalizeLazyBundles(root, add)
  const plugins = [lazyBundles, externalizeSharedPackages(add), ...adaptations.map(({ plugin }) => plugin)]

  // Without code splitting, esbuild parses what several entries share once and links each on its own.
  const bundle = (entries, options) =>
    build({
      ...COMMON,
      define: { EKS_GET_TOKEN_VERSION: JSON.stringify(version) },
      absWorkingDir: root,
      entryPoints: entries.map((source) => ({ in: source, out: bundleName(source) })),
      plugins,
      logLevel,
      ...options,
    })
  const [main, library] = await Promise.all([
    bundle([MAIN], { plugins: [withoutHelpTexts, lazyBuiltins, ...plugins] }),
    // Users debug a library, and Node shows the line that throws: names stay, and lines are short.
    bundleGroup(bundle, 'library', libraries, READABLE),
  ])
  const lazy = []
  const groups = new Map()
  while (discovered.length > 0) {
    const round = discovered.splice(0).map((source) => [groupOf(root, source), source])
    for (const name of new Set(round.map(([group]) => group))) {
      const sources = round.filter(([group]) => group === name).map(([, source]) => source)
      if (name === 'none') lazy.push(await bundle(sources, {}))
      // A group that gets more members is built once more.
      else {
        const members = [...(groups.get(name)?.members ?? []), ...sources]
        groups.set(name, { members, result: await bundleGroup(bundle, name, members, {}) })
      }
    }
  }
  const results = [main, library, ...lazy, ...[...groups.values()].map(({ result }) => result)]

  const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs))
  const inputs = [...new Set(outputs.flatMap(([, output]) => inputsOf(output)))].sort()
  const names = new Set(outputs.flatMap(([name]) => [`./${name}`, name]))
  const problems = [
    ...results.flatMap(({ metafile }) => eagerImportsOf(metafile)),
    ...outputs.flatMap(([name, { imports }]) =>
      imports
        .filter(({ path }) => !names.has(path) && !isBuiltin(path))
        .map(({ path }) => `${name} loads ${path} at run time, which is not bundled`),
    ),
    ...unusedAdaptations(adaptations, inputs),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const files = results.flatMap(({ outputFiles }) => outputFiles)
  return { bundles: new Map(files.map(({ path, contents }) => [basename(path), contents])), inputs }
}

/**
 * Bundles that load what two or more of them contain from files of their own, `<group>-<hash>.cjs`. esbuild splits ES modules
 * only, so each is made CommonJS afterwards.
 */
async function bundleGroup(bundle, name, sources, { plugins, ...form }) {
  const result = await bundle(sources.toSorted(), {
    ...(plugins ? { plugins } : {}),
    ...form,
    format: 'esm',
    splitting: true,
    chunkNames: `${name}-[hash]`,
    supported: {},
  })
  const outputFiles = await Promise.all(
    result.outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, { ...TRANSFORM, ...form })
      return { path, contents: Buffer.from(code) }
    }),
  )
  return { ...result, outputFiles }
}

/** The name of the group of a lazy bundle; `none`: it is loaded by runs that have to be fast. */
function groupOf(root, source) {
  const file = resolve(root, source)
  // A shared package is not a file.
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return Object.keys(GROUPS).find((name) => GROUPS[name](source, text)) ?? 'none'
}

const COMMON = {
  bundle: true,
  write: false,
  metafile: true,
  outdir: '.',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // The ES modules of the dependencies can be shaken; their CommonJS builds cannot.
  mainFields: ['module', 'main'],
  // A native import() inside a CommonJS bundle fails in some embeddings; require() does the same.
  supported: { 'dynamic-import': false },
  // With it a node_modules that is a link leads to the same bundles as one that is a folder.
  preserveSymlinks: true,
  minify: true,
  legalComments: 'none',
}

const { target, platform, supported, legalComments } = COMMON
const TRANSFORM = { target, platform, supported, legalComments, minify: true, format: 'cjs' }
const READABLE = { minify: false, minifyWhitespace: true, minifySyntax: true, lineLimit: 120 }

/** src/credentials/sources/sts.ts → credentials-sources-sts; src/a/index.ts → a */
export function bundleName(source) {
  return source
    .replace(/^src\//, '')
    .replace(/\.ts$/, '')
    .replace(/\/index$/, '')
    .replaceAll('/', '-')
}

/**
 * An `import()` in the sources loads another bundle, whose source `add` takes and whose name it returns. Only sources
 * are imported with their `.ts`: esbuild does not have to ask about the thousands of imports of the SDK.
 */
function externalizeLazyBundles(root, add) {
  return {
    name: 'externalize-lazy-bundles',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined
        const source = relative(root, resolve(resolveDir, path)).replaceAll('\\', '/')
        return { path: `./${add(source)}.cjs`, external: true }
      })
    },
  }
}

/** @param {(source: string) => string} add - takes the package, and returns the bundle's name */
function externalizeSharedPackages(add) {
  return {
    name: 'externalize-shared-packages',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^(${SHARED.join('|')})$`) }, ({ kind, path }) =>
        kind === 'import-statement' ? { path: `./${add(path)}.cjs`, external: true } : undefined,
      )
    },
  }
}

/**
 * Of the option table, the help is in the bundles that print it. A run would read and parse its texts for nothing; and the
 * table stays one, with an option in one place.
 */
const withoutHelpTexts = {
  name: 'without-help-texts',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]cli[\\/]args[\\/]options\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8')
      const kept = contents.replace(/^ {4}help: .*,$/gm, '')
      return kept === contents ? { errors: [{ text: 'no help texts found' }] } : { contents: kept, loader: 'ts' }
    })
  },
}

/**
 * Built-ins that few runs need, of which the functions load them when they are called. Loading both takes 3 % of a run.
 */
const lazyBuiltins = {
  name: 'lazy-built-ins',
  setup({ onResolve, onLoad }) {
    const namespace = 'lazy-built-in'
    onResolve({ filter: /^node:(os|module)$/ }, ({ path, kind, namespace: importer }) =>
      kind === 'import-statement' && importer !== namespace ? { path, namespace, sideEffects: false } : undefined,
    )
    onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const { default: exported } = await import(path)
      const names = Object.keys(exported).filter((name) => typeof exported[name] === 'function')
      const functions = names.map((name) => `export const ${name} = (...args) => require('${path}').${name}(...args)`)
      return { contents: functions.join('\n') }
    })
  },
}

/** The files of which something is left in an output. */
function inputsOf({ inputs }) {
  return Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0)
}

/** Each `import()` in the sources that did not become a bundle: with it all of a package would be in this one. */
function eagerImportsOf({ inputs }) {
  return Object.entries(inputs)
    .filter(([input]) => input.startsWith('src/'))
    .flatMap(([input, { imports }]) =>
      imports
        .filter(({ kind, external }) => kind === 'dynamic-import' && !external)
        .map(({ original }) => `${input}: import('${original}') has to name a .ts file of src`),
    )
}

function isBuiltin(path) {
  return path.startsWith('node:') || builtinModules.includes(path)
}
