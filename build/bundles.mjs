// The bundles as data: one for each entry, and one for each module behind an `import()` in the sources, found by
// following them. They are CommonJS, because it starts faster than ES modules, and are built one by one: modules shared
// between bundles (esbuild's code splitting) would defeat tree-shaking and make the first one larger.
import { builtinModules } from 'node:module'
import { relative, resolve } from 'node:path'
import { build } from 'esbuild'
import { unusedAdaptations } from './plugins.mjs'

/** The command, and the library. */
const ENTRIES = ['src/main.ts', 'src/index.ts']

/**
 * Builds every bundle, in memory.
 *
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {string} options.version
 * @param {import('./plugins.mjs').Adaptation[]} options.adaptations
 * @param {import('esbuild').LogLevel} [options.logLevel] what esbuild prints; default: warnings and errors
 * @returns {Promise<{ bundles: Map<string, Uint8Array>, inputs: string[] }>} file name → contents, and all the files that
 *   went into them, relative to the project's folder
 * @throws when a bundle cannot be built, two have one name, one would load something from outside at run time, or an
 *   adaptation of a bundled dependency found nothing to change
 */
export async function createBundles({ root, version, adaptations, logLevel = 'warning' }) {
  /** Bundle name → the source that it is built from. */
  const sources = new Map(ENTRIES.map((source) => [bundleName(source), source]))
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
  const plugins = [lazyBundles, ...adaptations.map(({ plugin }) => plugin)]

  const bundle = async (name, options) => {
    const result = await build({
      ...COMMON,
      define: { EKS_GET_TOKEN_VERSION: JSON.stringify(version) },
      absWorkingDir: root,
      outfile: `${name}.cjs`,
      plugins,
      logLevel,
      ...options,
    })
    const [{ contents }] = result.outputFiles
    return { name, contents, metafile: result.metafile }
  }
  const bundleSource = (source) =>
    bundle(bundleName(source), {
      entryPoints: [source],
      ...(ENTRIES.includes(source) ? { plugins: [...plugins, externalizeVendorImports] } : {}),
      // Users debug the library, and Node shows the line that throws: it keeps its lines.
      ...(source === 'src/index.ts' ? { minify: false } : {}),
    })

  const results = await Promise.all([
    ...ENTRIES.map(bundleSource),
    ...adaptations.flatMap(({ bundles }) => Object.entries(bundles).map(([name, stdin]) => bundle(name, { stdin }))),
  ])
  while (discovered.length > 0) results.push(...(await Promise.all(discovered.splice(0).map(bundleSource))))

  const inputs = [...new Set(results.flatMap(({ metafile }) => inputsOf(metafile)))].sort()
  const names = new Set(results.map(({ name }) => `./${name}.cjs`))
  const problems = [
    ...results.flatMap(({ name, metafile }) =>
      importsOf(metafile)
        .filter((path) => !names.has(path) && !isBuiltin(path))
        .map((path) => `${name}.cjs loads ${path} at run time, which is not bundled`),
    ),
    ...unusedAdaptations(adaptations, inputs),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return { bundles: new Map(results.map(({ name, contents }) => [`${name}.cjs`, contents])), inputs }
}

const COMMON = {
  bundle: true,
  write: false,
  metafile: true,
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

/** src/credentials/sources/sts.ts → credentials-sources-sts; src/a/index.ts → a */
function bundleName(source) {
  return source
    .replace(/^src\//, '')
    .replace(/\.ts$/, '')
    .replace(/\/index$/, '')
    .replaceAll('/', '-')
}

/** An `import()` in the sources loads another bundle, whose source `add` is told and whose name it returns. */
function externalizeLazyBundles(root, add) {
  return {
    name: 'externalize-lazy-bundles',
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ kind, path, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || importer.includes('node_modules')) return undefined
        if (isBuiltin(path)) return undefined
        if (!/^\.\.?\//.test(path)) {
          // In a bundle of its own it could be shaken; here all of it would be in the bundle that does not need it yet.
          return {
            errors: [{ text: `import('${path}'): import the package in a module, and that module dynamically` }],
          }
        }
        const source = relative(root, resolve(resolveDir, path)).replaceAll('\\', '/')
        return { path: `./${add(source)}.cjs`, external: true }
      })
    },
  }
}

/**
 * A module behind an import() keeps all that it imports from being shaken. The signer's library has such imports in
 * parts that signing does not use; with them left outside, the unused parts go, and the imports with them.
 */
const externalizeVendorImports = {
  name: 'externalize-vendor-imports',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' && resolveDir.includes('node_modules') ? { path, external: true } : undefined,
    )
  },
}

/** The files of which something is left in the output. */
function inputsOf({ outputs }) {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([input]) => input),
  )
}

function importsOf({ outputs }) {
  return Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
}

function isBuiltin(path) {
  return path.startsWith('node:') || builtinModules.includes(path)
}
