// Builds dist/: one bundle for what every run needs, and one for each part that only some runs need.
//
// The bundles are CommonJS, because it starts faster than ES modules, and are made one by one: modules shared between
// bundles (esbuild's code splitting) would defeat tree-shaking and make the first one larger.
import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { build } from 'esbuild'

/** Modules behind an `import()` in the sources: each is a bundle of its own, loaded when the program gets there. */
const DOORS = {
  'src/cli/query.ts': 'query',
  'src/cli/output-table.ts': 'output-table',
  'src/cli/output-yaml.ts': 'output-yaml',
  'src/credentials/sources/assume-role.ts': 'assume-role',
}

const doors = {
  name: 'doors',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import' || resolveDir.includes('node_modules')) return undefined
      const source = resolve(resolveDir, path).slice(import.meta.dirname.length + 1).replaceAll('\\', '/')
      const bundle = DOORS[source]
      if (bundle) return { path: `./${bundle}.cjs`, external: true }
      return { errors: [{ text: `${source} is imported dynamically and stands not in DOORS` }] }
    })
  },
}

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // The ES modules of the dependencies can be shaken; their CommonJS builds cannot.
  mainFields: ['module', 'main'],
  // A native import() inside a CommonJS bundle fails in some embeddings; require() serves as well.
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: dirname(new URL(import.meta.url).pathname),
  plugins: [doors],
}

rmSync(new URL('dist', import.meta.url), { recursive: true, force: true })
await Promise.all([
  build({ ...common, entryPoints: ['src/main.ts'], outfile: 'dist/main.cjs' }),
  build({ ...common, entryPoints: ['src/index.ts'], outfile: 'dist/index.cjs' }),
  ...Object.entries(DOORS).map(([source, bundle]) =>
    build({ ...common, entryPoints: [source], outfile: `dist/${bundle}.cjs` }),
  ),
])
