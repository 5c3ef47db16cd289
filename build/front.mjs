// Builds the front executable: a small static program that does what needs no network (docs/architecture.md). It needs a
// C compiler, and the engine's sources, which Debian has.
//
//   node build/front.mjs                        dist/front/eks-get-token for this machine
//   node build/front.mjs --platform windows-x64  for another one, with a cross compiler
//   node build/front.mjs --to FOLDER            somewhere else
//   node build/front.mjs --sanitize             with AddressSanitizer and UBSan, for tests
//   node build/front.mjs --fuzz                 as a target of libFuzzer (proof/fuzz.c), by clang
//   node build/front.mjs --entry FILE           another main module, for tests
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleFront } from './front-bundle.mjs'
import { checkFront } from './front-check.mjs'
import { engineSources } from './front-engine.mjs'
import { bundledPackages, thirdPartyLicenses } from './licenses.mjs'
import { createAdaptations } from './plugins.mjs'

const ROOT = join(import.meta.dirname, '..')
const TOOLS = join(ROOT, '.tools')

const HARDENING = [
  '-fPIE',
  '-fstack-protector-strong',
  '-fstack-clash-protection',
  '-D_FORTIFY_SOURCE=2',
  '-Wl,-z,relro,-z,now,-z,noexecstack',
]
// Large stack frames are probed on Windows in any case, and GCC 12 fails with the flag.
const PE_HARDENING = ['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2']
const X64 = ['-fcf-protection']
const LIBRARIES = ['-lm', '-lpthread']
const POSIX = {
  sources: ['platform-posix.c'],
  extension: '',
  strip: ['-s', '-Wl,--gc-sections', '-Wl,--build-id=none'],
}
const MUSL = '/usr/lib/x86_64-linux-musl'

/** How each platform is compiled and linked. The musl-gcc of Debian cannot link a static position-independent executable. */
const PLATFORMS = {
  'linux-x64': {
    ...POSIX,
    compiler: 'musl-gcc',
    flags: [...HARDENING, ...X64],
    link: (objects) => [
      ...['-static', '-nostdlib', '-Wl,-pie,--no-dynamic-linker,-z,text'],
      ...[`${MUSL}/rcrt1.o`, `${MUSL}/crti.o`, gccFile('crtbeginS.o'), ...objects],
      ...['-Wl,--start-group', '-lc', '-lm', '-lgcc', '-lgcc_eh', '-Wl,--end-group'],
      ...[gccFile('crtendS.o'), `${MUSL}/crtn.o`],
    ],
  },
  'linux-arm64': {
    ...POSIX,
    compiler: 'aarch64-linux-gnu-gcc',
    flags: [...HARDENING, '-mbranch-protection=standard'],
    link: (objects) => ['-static-pie', ...objects, ...LIBRARIES],
  },
  'windows-x64': {
    runtime: {
      name: 'parts of the C runtime of mingw-w64, and of libgcc under the GCC Runtime Library Exception',
      license: '/usr/share/doc/mingw-w64-x86-64-dev/copyright',
    },
    sources: ['platform-windows.c'],
    extension: '.exe',
    // That of Windows threads: the other needs libwinpthread.
    compiler: 'x86_64-w64-mingw32-gcc-win32',
    flags: [...PE_HARDENING, '-D_WIN32_WINNT=0x0601', '-D__USE_MINGW_ANSI_STDIO=1'],
    strip: ['-s', '-Wl,--gc-sections', '-Wl,--no-insert-timestamp'],
    link: (objects) => [
      ...['-static', '-mconsole', '-Wl,--dynamicbase,--high-entropy-va,--nxcompat', '-Wl,--stack,8388608'],
      ...objects,
    ],
  },
  // On a Mac, with Apple's compiler: its C library is that of the system.
  'darwin-x64': macOs('x86_64'),
  'darwin-arm64': macOs('arm64'),
}

function macOs(architecture) {
  return {
    sources: POSIX.sources,
    extension: '',
    compiler: 'clang',
    flags: ['-arch', architecture, '-mmacosx-version-min=11.0', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2'],
    strip: ['-Wl,-dead_strip,-x,-adhoc_codesign'],
    link: (objects) => objects,
  }
}
const SANITIZED = {
  ...POSIX,
  compiler: 'gcc',
  flags: ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer'],
  link: (objects) => [...objects, ...LIBRARIES],
}
/** The memory functions of the process are not counted: what a run leaves is freed by the target. */
const FUZZED = {
  ...POSIX,
  compiler: 'clang-14',
  flags: ['-O1', '-g', '-fsanitize=address,undefined,fuzzer', '-fno-sanitize-recover=undefined'],
  link: (objects) => [...objects, ...LIBRARIES],
}
const ENGINE_FLAGS = ['-O2', '-D_GNU_SOURCE', '-funsigned-char', '-fwrapv', '-ffunction-sections', '-fdata-sections']
const ENGINE_FILES = ['quickjs.c', 'libregexp.c', 'libunicode.c', 'dtoa.c']

const { values } = parseArgs({
  options: {
    platform: { type: 'string' },
    to: { type: 'string' },
    sanitize: { type: 'boolean' },
    fuzz: { type: 'boolean' },
    entry: { type: 'string' },
  },
})
try {
  await main()
} catch (error) {
  if (!error.errors) console.error(`front: ${error.message}`)
  process.exitCode = 1
}

async function main() {
  const host = `${process.platform}-${process.arch}`
  const platform = values.platform ?? host
  const target = values.fuzz ? FUZZED : values.sanitize ? SANITIZED : PLATFORMS[platform]
  if (!target) throw new Error(`there is no front for ${platform}; there are: ${Object.keys(PLATFORMS).join(', ')}`)
  for (const compiler of ['gcc', target.compiler]) {
    if (spawnSync(compiler, ['--version']).status !== 0) throw new Error(`${compiler} is missing`)
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const engine = engineSources(TOOLS)
  const { code, inputs } = await bundleFront(ROOT, version, createAdaptations(ROOT), values.entry)

  const folder = resolve(values.to ?? join(ROOT, 'dist/front'))
  mkdirSync(folder, { recursive: true })
  const beside = mkdtempSync(join(folder, '.build-'))
  try {
    writeFileSync(join(beside, 'front.js'), code)
    const compile = join(beside, 'compile')
    const hostEngine = engineObjects(engine, { compiler: 'gcc', flags: [] })
    execFileSync('gcc', [
      ...['-O1', `-I${engine.folder}`, join(ROOT, 'build/bytecode.c'), ...hostEngine, ...LIBRARIES, '-o', compile],
    ])
    writeFileSync(join(beside, 'bytecode.h'), execFileSync(compile, [join(beside, 'front.js')], { maxBuffer: 1 << 26 }))
    const includes = [`-I${engine.folder}`, `-I${beside}`, `-I${join(ROOT, 'src/front')}`]
    const warnings = ['-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-sign-compare', '-Werror']
    const sources = values.fuzz ? ['proof/fuzz.c'] : ['front.c', ...target.sources].map((name) => `src/front/${name}`)
    const compiled = sources.map((source, index) => {
      const object = join(beside, `${index}.o`)
      const options = [...ENGINE_FLAGS, ...target.flags, ...warnings, ...includes]
      run(target.compiler, [...options, '-c', join(ROOT, source), '-o', object])
      return object
    })
    // A release takes those that are named after their platform.
    const name = `eks-get-token${values.platform === undefined ? '' : `-${platform}`}${target.extension}`
    const file = join(beside, name)
    const isForTests = values.sanitize || values.fuzz
    const strip = isForTests ? [] : target.strip
    const objects = [...compiled, ...engineObjects(engine, target)]
    run(target.compiler, [...target.flags, ...strip, ...target.link(objects), '-o', file])
    chmodSync(file, 0o755)
    const found = isForTests ? 'for tests' : checkFront(readFileSync(file), platform)
    renameSync(file, join(folder, name))
    const suffix = values.platform === undefined ? '' : `-${platform}`
    const licenses = [
      engine.license,
      ...(target.runtime ? [runtimeLicense(target.runtime)] : []),
      thirdPartyLicenses(bundledPackages(ROOT, inputs)),
    ]
    writeFileSync(join(folder, `THIRD-PARTY-LICENSES${suffix}.txt`), licenses.join('\n\n'))
    console.log(`${join(folder, name)}: ${found}`)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

function runtimeLicense({ name, license }) {
  return `It contains ${name}.\n\n${readFileSync(license, 'utf8').trim()}`
}

/** The engine takes half a minute to compile: its objects are kept for each set of flags. */
function engineObjects({ folder, version }, { compiler, flags }) {
  const options = [...ENGINE_FLAGS, ...flags, '-w']
  const key = createHash('sha256')
    .update(JSON.stringify([version, compiler, options]))
    .digest('hex')
    .slice(0, 16)
  const objects = join(TOOLS, `quickjs-objects-${key}`)
  mkdirSync(objects, { recursive: true })
  return ENGINE_FILES.map((source) => {
    const object = join(objects, source.replace('.c', '.o'))
    if (!existsSync(object)) {
      const unfinished = `${object}.${process.pid}`
      // In the folder: the assertions of the engine contain the path of their file.
      run(compiler, [...options, '-I.', '-c', source, '-o', unfinished], folder)
      renameSync(unfinished, object)
    }
    return object
  })
}

function gccFile(name) {
  return execFileSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim()
}

function run(program, words, cwd = ROOT) {
  execFileSync(program, words, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
}
