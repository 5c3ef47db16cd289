// What the build changes in its dependencies: one small esbuild plugin for each, with the reason beside it.
//
// An update of a dependency can make a plugin useless without breaking anything that a test sees: start-up only gets
// slower. So a plugin that does not find what it changes fails the build, in two ways: the text that it replaces is
// missing from the file, or the dependency is bundled and the file or import that the plugin waits for never came.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * @typedef {object} Adaptation
 * @property {import('esbuild').Plugin} plugin
 * @property {string} dependency the package with which there must be something to change
 * @property {string} target what the plugin waits for, as the error message names it
 * @property {boolean} isApplied whether it came, in any bundle so far
 */

/**
 * @param {string} root the project's folder
 * @param {readonly { name: string, dependencies: Record<string, string> }[]} [clients] default: those of the project
 * @returns {Adaptation[]} new ones for each build, as they remember what they found
 */
export function createAdaptations(root, clients = sdkClients(root)) {
  return [
    pureBindings(),
    crcWithoutZlib(),
    duplicateSha256(root),
    sha256Digest(),
    bufferWithoutPolyfill(),
    ...clients.filter(hasCredentialChain).map(({ name }) => withoutCredentialChain(name)),
    ...SDK_STUBS.map(stub),
    ...clients.map(({ name }) => withoutManifest(name)),
    withoutOptional('proxy-agent-negotiate', 'kerberos'),
  ]
}

/**
 * The plugins of a finished build that had nothing to do, although their dependency is in a bundle.
 *
 * @param {readonly Adaptation[]} adaptations
 * @param {readonly string[]} inputs the bundled files, relative to the project's folder
 * @returns {string[]} a message for each
 */
export function unusedAdaptations(adaptations, inputs) {
  return adaptations
    .filter(({ dependency }) => inputs.some((input) => input.includes(`node_modules/${dependency}/`)))
    .filter(({ isApplied }) => !isApplied)
    .map(({ plugin, dependency, target }) => {
      return `${dependency} is bundled, but ${target} was not found (build/plugins.mjs, ${plugin.name})`
    })
}

/** The manifests of the SDK's clients that the project in this folder depends on. */
export function sdkClients(root) {
  const manifest = (folder) => JSON.parse(readFileSync(resolve(root, folder, 'package.json'), 'utf8'))
  return Object.keys(manifest('.').devDependencies)
    .filter((name) => /^@aws-sdk\/(client-|nested-clients$)/.test(name))
    .map((name) => manifest(`node_modules/${name}`))
}

/**
 * The SDK binds node:crypto (2.7 ms) to a UUID generator, and Base64 to a class of byte arrays, when it loads. Marked as
 * pure, the calls are dropped where neither is needed, and the built-in with them.
 * https://github.com/smithy-lang/smithy-typescript/blob/%40smithy%2Fcore%403.41.0/packages/core/src/submodules/serde/index.ts
 */
function pureBindings() {
  return adapt('pure-bindings', '@smithy/core', 'dist-es/submodules/serde/index.js', ({ onResolve, onLoad }, found) => {
    onResolve({ filter: /^node:crypto$/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
    onLoad({ filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]serde[\\/]index\.js$/ }, ({ path }) => {
      found()
      return replaceIn(path, '@smithy/core', [
        ['= bindV4(', '= /* @__PURE__ */ bindV4('],
        [
          /export class Uint8ArrayBlobAdapter extends (bindUint8ArrayBlobAdapter\(.*?\)) \{\s*\}/,
          'export const Uint8ArrayBlobAdapter = /* @__PURE__ */ $1;',
        ],
      ])
    })
  })
}

/** The SDK loads zlib (2 ms) for its CRC-32, and has one in JavaScript; no request made here has a checksum. */
function crcWithoutZlib() {
  const target = 'the import of node:zlib in Crc32Node.js'
  return adapt('crc-without-zlib', '@smithy/core', target, ({ onResolve, onLoad }, found) => {
    const namespace = 'empty-zlib'
    onResolve({ filter: /^node:zlib$/ }, ({ path, importer }) => {
      if (!isIn(importer, '@smithy/core') || !importer.endsWith('Crc32Node.js')) return undefined
      found()
      return { path, namespace }
    })
    onLoad({ filter: /.*/, namespace }, () => ({ contents: 'module.exports = {}' }))
  })
}

/**
 * A second copy of the hash function for the signing key. V8 finds a function hot after some twenty blocks and compiles
 * it again, for longer than all the hashing takes; a token has thirty, and neither of two copies gets that hot.
 */
function duplicateSha256(root) {
  const dependency = '@aws-crypto/sha256-js'
  const folder = `node_modules/${dependency}/build/module`
  const target = 'its import in signing-key.ts'
  return adapt('duplicate-sha256', dependency, target, ({ onResolve, onLoad }, found) => {
    const namespace = 'signing-key'
    // Relative paths: the library's bundle keeps them as comments.
    onResolve({ filter: /^@aws-crypto\/sha256-js$/ }, ({ importer }) => {
      if (!importer.endsWith('signing-key.ts')) return undefined
      found()
      return { path: `${folder}/jsSha256.js`, namespace }
    })
    onResolve({ filter: /^\.\/RawSha256$/, namespace }, () => ({ path: `${folder}/RawSha256.js`, namespace }))
    onLoad({ filter: /.*/, namespace }, ({ path }) => {
      const replacements = path.endsWith('jsSha256.js') ? PLAIN_DIGEST : []
      return { ...replaceIn(resolve(root, path), dependency, replacements), resolveDir: resolve(root, folder) }
    })
  })
}

/** `digest` of the hash is a promise of `digestSync`; compiled for engines without promises, it brings 1.4 KB of tslib. */
const PLAIN_DIGEST = [
  ['import { __awaiter, __generator } from "tslib";', ''],
  [/return __awaiter\(this,[\s\S]*?\n {8}\}\);/, 'return Promise.resolve(this.digestSync());'],
]

function sha256Digest() {
  const dependency = '@aws-crypto/sha256-js'
  return adapt('sha256-digest', dependency, 'build/module/jsSha256.js', ({ onLoad }, found) => {
    onLoad({ filter: /[\\/]sha256-js[\\/]build[\\/]module[\\/]jsSha256\.js$/ }, ({ path }) => {
      found()
      return replaceIn(path, dependency, PLAIN_DIGEST)
    })
  })
}

/** Without Buffer the hash reads text by a package of its own, half a kilobyte of the bundle that every run loads. */
function bufferWithoutPolyfill() {
  const dependency = '@aws-crypto/util'
  return adapt('buffer-without-polyfill', dependency, 'build/module/convertToBuffer.js', ({ onLoad }, found) => {
    onLoad({ filter: /[\\/]@aws-crypto[\\/]util[\\/]build[\\/]module[\\/]convertToBuffer\.js$/ }, ({ path }) => {
      found()
      return replaceIn(path, dependency, [
        ['import { fromUtf8 as fromUtf8Browser } from "@smithy/util-utf8";', ''],
        [/typeof Buffer !== "undefined" && Buffer\.from\s+\? (function .*)\s+: fromUtf8Browser;/, '$1'],
      ])
    })
  })
}

const CREDENTIAL_CHAIN = '@aws-sdk/credential-provider-node'

function hasCredentialChain({ dependencies }) {
  return CREDENTIAL_CHAIN in dependencies
}

/**
 * An SDK client brings a chain of credential sources, a third of its size. Which credentials sign is decided in
 * src/credentials, and no client may ever look elsewhere.
 */
function withoutCredentialChain(client) {
  const target = `its import of ${CREDENTIAL_CHAIN}`
  return adapt(`without-credential-chain-of-${client}`, client, target, ({ onResolve, onLoad }, found) => {
    const namespace = `no-credential-chain-for-${client}`
    onResolve({ filter: new RegExp(`^${CREDENTIAL_CHAIN}$`) }, ({ path, importer }) => {
      if (!isIn(importer, client)) return undefined
      found()
      return { path, namespace }
    })
    onLoad({ filter: /.*/, namespace }, () => ({
      contents: `
        export const defaultProvider = () => async () => {
          throw new Error('an SDK client was created without credentials')
        }`,
    }))
  })
}

/**
 * Left to itself, an SDK client reads the environment, the config files, instance metadata and the home directory. Every
 * setting is explicit (src/aws/sdk-client.ts), so nothing of that is ever called. These files are replaced, so that it
 * cannot be: one that is called throws.
 *
 * @type {readonly { dependency: string, file: string, contents: string }[]}
 */
const SDK_STUBS = [
  {
    dependency: '@smithy/core',
    file: 'dist-es/submodules/config/node-config-provider/configLoader.js',
    contents: `
      export const loadConfig = () => async () => {
        throw new Error('an SDK client was created without one of its settings')
      }`,
  },
  {
    dependency: '@smithy/core',
    file: 'dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js',
    contents: `
      export const getInstanceMetadataRegion = async () => {
        throw new Error('an SDK client was created without a region')
      }`,
  },
  {
    dependency: '@smithy/core',
    file: 'dist-es/submodules/config/defaults-mode/resolveDefaultsModeConfig.js',
    contents: 'export const resolveDefaultsModeConfig = ({ defaultsMode }) => async () => defaultsMode',
  },
  {
    dependency: '@aws-sdk/core',
    file: 'dist-es/submodules/client/util-user-agent-node/defaultUserAgent.js',
    contents: `
      export { crtAvailability } from './crt-availability'
      export const createDefaultUserAgentProvider = () => {
        throw new Error('an SDK client was created without a user agent')
      }
      export const defaultUserAgent = createDefaultUserAgentProvider`,
  },
  {
    // It reads the variables of AWS Lambda.
    dependency: '@aws-sdk/core',
    file: 'dist-es/submodules/client/middleware-recursion-detection/recursionDetectionMiddleware.js',
    contents: 'export const recursionDetectionMiddleware = () => (next) => next',
  },
  {
    // It would tell users which version of Node the SDK supports.
    dependency: '@aws-sdk/core',
    file: 'dist-es/submodules/client/emitWarningIfUnsupportedVersion.js',
    contents: `
      export const state = { warningEmitted: true }
      export const emitWarningIfUnsupportedVersion = () => {}`,
  },
  {
    dependency: '@aws-sdk/core',
    file: 'dist-es/submodules/client/getDefaultSocketTimeout.js',
    contents: 'export const getDefaultSocketTimeout = () => undefined',
  },
  {
    // Requests are sent by src/net/request.ts, and responses arrive whole.
    dependency: '@smithy/node-http-handler',
    file: 'dist-es/index.js',
    contents: `
      export const NodeHttpHandler = {
        create: (handler) => {
          if (typeof handler?.handle === 'function') return handler
          throw new Error('an SDK client was created without a request handler')
        },
      }
      export const streamCollector = () => {
        throw new Error('the response to an SDK client is a stream')
      }`,
  },
  {
    // Of the proxy agents: with DEBUG in the environment it prints the URL of the proxy, with the password in it.
    dependency: 'debug',
    file: 'src/index.js',
    contents: 'module.exports = () => () => {}',
  },
]

/** Replaces one file of a dependency. */
function stub({ dependency, file, contents }) {
  return adapt(`stub-of-${dependency}/${file}`, dependency, file, ({ onLoad }, found) => {
    onLoad({ filter: inDependency(dependency, file) }, ({ path }) => {
      found()
      return { contents, resolveDir: dirname(path) }
    })
  })
}

/** An SDK client bundles its package.json for the version in its user agent, which is not used. */
function withoutManifest(client) {
  return adapt(`without-manifest-of-${client}`, client, 'its package.json', ({ onLoad }, found) => {
    onLoad({ filter: inDependency(client, 'package.json') }, () => {
      found()
      return { contents: '{ "version": "" }', loader: 'json' }
    })
  })
}

/**
 * A package that a dependency tries to load and can do without. Left to the run, it would be looked for in the folders
 * around the program, and whatever has its name there would become part of it.
 */
function withoutOptional(dependency, optional) {
  const target = `the import of ${optional}`
  return adapt(`without-${optional}`, dependency, target, ({ onResolve, onLoad }, found) => {
    const namespace = `without-${optional}`
    onResolve({ filter: new RegExp(`^${optional}$`) }, ({ path, importer }) => {
      if (!isIn(importer, dependency)) return undefined
      found()
      return { path, namespace }
    })
    onLoad({ filter: /.*/, namespace }, () => ({ contents: `throw new Error('${optional} is not included')` }))
  })
}

/** @returns {Adaptation} whose set-up calls `found` whenever the target is there */
function adapt(name, dependency, target, setup) {
  const adaptation = { dependency, target, isApplied: false }
  const found = () => {
    adaptation.isApplied = true
  }
  return Object.assign(adaptation, { plugin: { name, setup: (build) => setup(build, found) } })
}

/** Matches the path of a file of a dependency, on Windows, too. */
function inDependency(dependency, file) {
  const path = `/node_modules/${dependency}/${file}`
  return new RegExp(`${path.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]')}$`)
}

function isIn(importer, dependency) {
  return importer.replaceAll('\\', '/').includes(`node_modules/${dependency}/`)
}

/** The file with all replacements made; a build error when there is nothing to replace. */
function replaceIn(path, dependency, replacements) {
  let contents = readFileSync(path, 'utf8')
  for (const [from, to] of replacements) {
    const before = contents
    contents = contents.replace(from, to)
    if (contents === before) return { errors: [{ text: `${dependency}: ${from} not found, which is to be replaced` }] }
  }
  return { contents }
}
