// Builds dist/: one bundle for what every run needs, and one for each part that only some runs need.
//
// The bundles are CommonJS, because it starts faster than ES modules, and are made one by one: modules shared between
// bundles (esbuild's code splitting) would defeat tree-shaking and make the first one larger.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { build } from 'esbuild'
import { thirdPartyLicenses } from './licenses.mjs'

/** Modules behind an `import()` in the sources: each is a bundle of its own, loaded when the program gets there. */
const DOORS = {
  'src/cli/output/query.ts': 'query',
  'src/cli/mfa-prompt.ts': 'mfa-code',
  'src/cli/commander.ts': 'commander',
  'src/cli/commands/inspect.ts': 'inspect',
  'src/cli/commands/cache.ts': 'cache',
  'src/cli/commands/verify.ts': 'verify',
  'src/cli/commands/doctor/index.ts': 'doctor',
  'src/cli/output/table.ts': 'output-table',
  'src/cli/output/yaml.ts': 'output-yaml',
  'src/credentials/cache/read-through.ts': 'cached',
  'src/credentials/cache/lock.ts': 'lock',
  'src/credentials/sources/sts.ts': 'sts',
  'src/credentials/sources/sso.ts': 'sso',
  'src/credentials/sources/sso-refresh.ts': 'sso-refresh',
  'src/credentials/sources/login.ts': 'login',
  'src/credentials/sources/login-refresh.ts': 'login-refresh',
  'src/credentials/sources/process.ts': 'process',
  'src/credentials/sources/container.ts': 'container',
  'src/credentials/sources/instance-metadata.ts': 'instance-metadata',
}

const doors = {
  name: 'doors',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import' || resolveDir.includes('node_modules')) return undefined
      const source = resolve(resolveDir, path)
        .slice(import.meta.dirname.length + 1)
        .replaceAll('\\', '/')
      const bundle = DOORS[source]
      if (bundle) return { path: `./${bundle}.cjs`, external: true }
      return { errors: [{ text: `${source} is imported dynamically and stands not in DOORS` }] }
    })
  },
}

/** Its parts are not exported one by one. */
const COMMANDER = resolve(import.meta.dirname, 'node_modules/commander/lib')

/**
 * What commander needs only now and then it gets only if it asks: `node:child_process` (1 to 2 ms) for subcommands that
 * are programs of their own, which we have not; its help and its suggestions, which are a bundle of their own.
 */
const leanCommander = {
  name: 'lean-commander',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^commander$/ }, () => ({ path: 'commander', namespace: 'lean' }))
    // Its own index would load all of it.
    onLoad({ filter: /.*/, namespace: 'lean' }, () => ({
      contents: `
        export { Command } from './command.js'
        export { Option } from './option.js'`,
      resolveDir: COMMANDER,
    }))
    onResolve({ filter: /^\.\/commander-help\.cjs$/ }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /[\\/]commander[\\/]lib[\\/]command\.js$/ }, ({ path }) => {
      const lazy = [
        ["const { Help, stripColor } = require('./help.js');", "const help = () => require('./commander-help.cjs');"],
        ["const { suggestSimilar } = require('./suggestSimilar');", ''],
        ["const childProcess = require('node:child_process');", ''],
        [/new Help\(\)/g, 'new (help().Help)()'],
        [/(?<![.\w])(stripColor|suggestSimilar)\(/g, 'help().$1('],
        [/childProcess\.spawn/g, "require('node:child_process').spawn"],
      ]
      let contents = readFileSync(path, 'utf8')
      for (const [from, to] of lazy) {
        const before = contents
        contents = contents.replace(from, to)
        if (contents === before) return { errors: [{ text: `commander has no ${from} any more` }] }
      }
      return { contents }
    })
  },
}

const COMMANDER_HELP = {
  contents: `
    export { Help, stripColor } from './help.js'
    export { suggestSimilar } from './suggestSimilar.js'`,
  resolveDir: COMMANDER,
}

/**
 * The SDK binds node:crypto (2.7 ms) to a generator of UUIDs when it loads. Marked as pure the call can go where nobody
 * wants UUIDs, and the built-in with it.
 */
const noUuids = {
  name: 'no-uuids',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:crypto$/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
    onLoad({ filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]serde[\\/]index\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const contents = text.replace('= bindV4(', '= /* @__PURE__ */ bindV4(')
      return contents === text ? { errors: [{ text: 'bindV4 is called elsewhere now' }] } : { contents }
    })
  },
}

/**
 * A module behind an import() keeps all that it imports from being shaken. The signer's library has such imports in
 * parts that signing does not use; with them left outside, the unused parts go, and the imports with them.
 */
const noDetours = {
  name: 'no-detours',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' && resolveDir.includes('node_modules') ? { path, external: true } : undefined,
    )
  },
}

/**
 * A hash of its own for the signing key. V8 finds a function hot after some twenty blocks and compiles it anew, for
 * longer than all the hashing takes; a token has thirty, and with two copies of the function neither gets that hot.
 */
const hashTwice = {
  name: 'hash-twice',
  setup({ onResolve, onLoad }) {
    const namespace = 'signing-key'
    onResolve({ filter: /^@aws-crypto\/sha256-js$/ }, ({ importer }) =>
      importer.endsWith('signing-key.ts') ? { path: resolve(SHA256, 'jsSha256.js'), namespace } : undefined,
    )
    onResolve({ filter: /^\.\/RawSha256$/, namespace }, () => ({ path: resolve(SHA256, 'RawSha256.js'), namespace }))
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: readFileSync(path, 'utf8'), resolveDir: SHA256 }))
  },
}

/**
 * What the dependencies try to load and can do without. Left to the run, they would be looked for in the folders around
 * the program, and whatever has their name there would be part of it.
 */
const nothingFromOutside = {
  name: 'nothing-from-outside',
  setup({ onResolve, onLoad }) {
    const namespace = 'absent'
    onResolve({ filter: /^(kerberos|supports-color|@aws-sdk\/signature-v4-crt)$/ }, ({ path }) => ({ path, namespace }))
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: `throw new Error('${path} is not part of this')` }))
  },
}

/**
 * A client of the SDK brings a chain of credential sources of its own, a third of its size. Who signs is decided here,
 * and no client may ever look elsewhere.
 */
const noOtherCredentials = {
  name: 'no-other-credentials',
  setup({ onResolve, onLoad }) {
    const namespace = 'no-other-credentials'
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({ path, namespace }))
    onLoad({ filter: /.*/, namespace }, () => ({
      contents: `
        export const defaultProvider = () => async () => {
          throw new Error('a client was made without credentials')
        }`,
    }))
  },
}

/** The SDK looks whether zlib (2 ms) has a CRC-32, and has one of its own; nothing here is summed up with one. */
const noChecksums = {
  name: 'no-checksums',
  setup({ onResolve, onLoad }) {
    const namespace = 'no-zlib'
    onResolve({ filter: /^node:zlib$/ }, ({ path, importer }) =>
      importer.endsWith('Crc32Node.js') ? { path, namespace } : undefined,
    )
    onLoad({ filter: /.*/, namespace }, () => ({ contents: 'module.exports = {}' }))
  },
}

/**
 * Agents for proxies are loaded when there is a proxy: with what they need, and the stderr that one of them asks for at
 * once, they take 5 ms.
 */
const lazyProxies = {
  name: 'lazy-proxies',
  setup({ onResolve, onLoad }) {
    const namespace = 'lazy-proxy'
    const agents = { 'http-proxy-agent': 'HttpProxyAgent', 'https-proxy-agent': 'HttpsProxyAgent' }
    onResolve({ filter: /^https?-proxy-agent$/ }, ({ path, importer }) =>
      importer.endsWith('agents.ts') ? { path, namespace } : undefined,
    )
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `
        const name = '${agents[path]}'
        Object.defineProperty(exports, name, { enumerable: true, get: () => require('${path}')[name] })`,
      resolveDir: import.meta.dirname,
    }))
  },
}

const SHA256 = resolve(import.meta.dirname, 'node_modules/@aws-crypto/sha256-js/build/module')

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
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: dirname(new URL(import.meta.url).pathname),
  plugins: [doors, noUuids, hashTwice, nothingFromOutside, noOtherCredentials, noChecksums, lazyProxies],
}

// What build-standalone.mjs makes lies within, and is made of what is made here.
rmSync(new URL('dist', import.meta.url), { recursive: true, force: true })
const results = await Promise.all([
  ...['main', 'index'].map((name) =>
    build({
      ...common,
      entryPoints: [`src/${name}.ts`],
      outfile: `dist/${name}.cjs`,
      // The library is debugged by who uses it, and Node shows the line that throws: it keeps its lines.
      ...(name === 'index' ? { minify: false } : {}),
      plugins: [...common.plugins, noDetours],
    }),
  ),
  ...Object.entries(DOORS).map(([source, bundle]) =>
    build({ ...common, entryPoints: [source], outfile: `dist/${bundle}.cjs` }),
  ),
])
// The declarations speak of CommonJS modules, in a package whose sources are ES modules.
writeFileSync(new URL('dist/package.json', import.meta.url), '{ "type": "commonjs" }\n')
writeFileSync(
  new URL('dist/THIRD-PARTY-LICENSES.txt', import.meta.url),
  thirdPartyLicenses(results.map(({ metafile }) => metafile)),
)
