// Builds dist/: the bundles, the licenses of what is in them, and the type declarations.
//
//   node build/build.mjs            the bundles only
//   node build/build.mjs --types    and the type declarations
//   node build/build.mjs --check    builds nothing: fails when dist/ was built from other sources than these
//
// A kubeconfig may point into dist/ while it is built. So everything is built beside it, and moved there when all of it
// has succeeded; what else is in dist/ (dist/standalone) is left alone.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleName, createBundles } from './bundles.mjs'
import { bindEagerly, calledFunctions } from './eager-functions.mjs'
import { hashInputs } from './inputs.mjs'
import { billOfMaterials, bundledPackages, thirdPartyLicenses } from './licenses.mjs'
import { createAdaptations } from './plugins.mjs'
import { swapIn } from './swap.mjs'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
/** What the bundles and the types were built from: a hash for each. Not published. */
const RECORD = join(DIST, 'build.json')
/** The sources of what the package exports, in package.json. */
const LIBRARIES = ['src/index.ts', 'src/library/kubernetes.ts']
const ENTRIES = ['src/main.ts', ...LIBRARIES].map((source) => `${bundleName(source)}.cjs`)

const { values } = parseArgs({ options: { types: { type: 'boolean' }, check: { type: 'boolean' } } })
try {
  if (values.check) check()
  else await build()
} catch (error) {
  // esbuild has printed its errors already.
  if (!error.errors) console.error(`build: ${error.message}`)
  process.exitCode = 1
}

async function build() {
  const inputs = hashInputs(ROOT)
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const { bundles, inputs: bundled } = await createBundles({
    root: ROOT,
    version,
    libraries: LIBRARIES,
    adaptations: createAdaptations(ROOT),
  })

  const beside = mkdtempSync(join(ROOT, '.dist-'))
  try {
    const files = join(beside, 'files')
    mkdirSync(files)
    for (const [name, contents] of bundles) writeFileSync(join(files, name), contents)
    parseOnce(join(files, 'main.cjs'), beside)
    // The declarations describe CommonJS modules, in a package whose sources are ES modules.
    writeFileSync(join(files, 'package.json'), '{ "type": "commonjs" }\n')
    const packages = bundledPackages(ROOT, bundled)
    writeFileSync(join(files, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(packages))
    writeFileSync(join(files, 'sbom.cdx.json'), billOfMaterials(version, packages))
    writeFileSync(join(files, 'eks-get-token.1'), manPage(join(files, 'main.cjs')))
    if (values.types) compileTypes(join(beside, 'types'))

    const record = { ...readRecord(), bundles: inputs, ...(values.types ? { types: inputs } : {}) }
    // Without it, a build that was interrupted while it was swapped in counts as stale.
    rmSync(RECORD, { force: true })
    swapIn(files, DIST, (name) => name.endsWith('.cjs'), ENTRIES)
    if (values.types) swapIn(join(beside, 'types'), join(DIST, 'types'), () => true)
    writeFileSync(RECORD, `${JSON.stringify(record)}\n`)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

/** By the functions that a run with access keys in the environment calls, and one with a profile. */
function parseOnce(main, home) {
  const config = join(home, 'config')
  const accessKey = { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'secret-of-AKIDEXAMPLE' }
  const lines = Object.entries(accessKey).map(([key, value]) => `${key} = ${value}`)
  writeFileSync(config, ['[profile dev]', ...lines, ''].join('\n'))
  const args = ['eks', 'get-token', '--cluster-name', 'demo', '--region', 'us-west-2']
  const env = { HOME: home, AWS_CONFIG_FILE: config, AWS_EC2_METADATA_DISABLED: 'true' }
  const keys = {
    AWS_ACCESS_KEY_ID: accessKey.aws_access_key_id,
    AWS_SECRET_ACCESS_KEY: accessKey.aws_secret_access_key,
  }
  const runs = [
    { args, env: { ...env, ...keys } },
    { args: [...args, '--profile', 'dev'], env },
  ]
  writeFileSync(main, bindEagerly(readFileSync(main, 'utf8'), calledFunctions(main, runs)))
}

/** The program prints it itself: its tables are what the page is made of. */
function manPage(main) {
  return execFileSync(process.execPath, [main, 'completion', 'man'], { env: {}, encoding: 'utf8' })
}

function compileTypes(folder) {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const project = join(ROOT, 'tsconfig.types.json')
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', folder], { cwd: ROOT, stdio: 'inherit' })
  const used = new Set()
  for (const source of LIBRARIES) {
    addDeclarations(join(folder, source.replace(/^src\//, '').replace(/\.ts$/, '.d.ts')), used)
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && !used.has(file)) rmSync(file)
  }
}

/** Adds a declaration file and what it imports. The compiler writes one for every source that is reached, used or not. */
function addDeclarations(file, used) {
  if (used.has(file)) return
  used.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]*)['"]/g)) {
    addDeclarations(join(file, '..', path.replace(/\.[jt]s$/, '.d.ts')), used)
  }
}

function check() {
  const inputs = hashInputs(ROOT)
  const { bundles, types } = readRecord()
  if (bundles !== inputs || types !== inputs) {
    throw new Error("dist/ is missing or was built from other sources; run 'npm run build'")
  }
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(RECORD, 'utf8'))
  } catch {
    return {}
  }
}
