// What the build changes in its dependencies: one small esbuild plugin for each, with the reason beside it.
//
// An update of a dependency can make a plugin useless without breaking anything that a test sees: start-up only gets
// slower. So a plugin that does not find what it changes fails the build, in two ways: the text that it replaces is
// missing from the file, or the dependency is bundled and the file or import that the plugin waits for never came.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * @typedef {object} Adaptation
 * @property {import('esbuild').Plugin} plugin
 * @property {string} dependency the package with which there must be something to change
 * @property {string} target what the plugin waits for, as the error message names it
 * @property {boolean} isApplied whether it came, in any bundle so far
 */

/** @returns {Adaptation[]} new ones for each build, as they remember what they found */
export function createAdaptations(root) {
  return [
    pureUuid(),
    crcWithoutZlib(),
    duplicateSha256(root),
    withoutCredentialChain('@aws-sdk/client-sts'),
    withoutCredentialChain('@aws-sdk/client-sso-oidc'),
    lazyProxyAgent(root, 'http-proxy-agent', 'HttpProxyAgent'),
    lazyProxyAgent(root, 'https-proxy-agent', 'HttpsProxyAgent'),
    withoutOptional('debug', 'supports-color'),
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

/**
 * The SDK binds node:crypto (2.7 ms) to a UUID generator when it loads. Marked as pure, the call is dropped where no
 * UUID is needed, and the built-in with it.
 * https://github.com/smithy-lang/smithy-typescript/blob/main/packages/core/src/submodules/serde/index.ts
 */
function pureUuid() {
  return adapt('pure-uuid', '@smithy/core', 'dist-es/submodules/serde/index.js', ({ onResolve, onLoad }, found) => {
    onResolve({ filter: /^node:crypto$/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
    onLoad({ filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]serde[\\/]index\.js$/ }, ({ path }) => {
      found()
      return replaceIn(path, '@smithy/core', [['= bindV4(', '= /* @__PURE__ */ bindV4(']])
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
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: readFileSync(resolve(root, path), 'utf8'),
      resolveDir: resolve(root, folder),
    }))
  })
}

/**
 * An SDK client brings a chain of credential sources, a third of its size. Which credentials sign is decided in
 * src/credentials, and no client may ever look elsewhere.
 */
function withoutCredentialChain(client) {
  const target = 'its import of @aws-sdk/credential-provider-node'
  return adapt(`without-credential-chain-of-${client}`, client, target, ({ onResolve, onLoad }, found) => {
    const namespace = `no-credential-chain-for-${client}`
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, importer }) => {
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

/** Proxy agents are loaded when there is a proxy: with what they import, and the stderr that one opens, they take 5 ms. */
function lazyProxyAgent(root, dependency, exportName) {
  return adapt(`lazy-${dependency}`, dependency, 'its import in src', ({ onResolve, onLoad }, found) => {
    const namespace = `lazy-${dependency}`
    onResolve({ filter: new RegExp(`^${dependency}$`) }, ({ path, importer, namespace: from }) => {
      if (from === namespace || importer.includes('node_modules')) return undefined
      found()
      return { path, namespace }
    })
    onLoad({ filter: /.*/, namespace }, () => ({
      contents: `
        Object.defineProperty(exports, '${exportName}', {
          enumerable: true,
          get: () => require('${dependency}').${exportName},
        })`,
      resolveDir: root,
    }))
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
