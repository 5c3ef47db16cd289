// Checks an executable for one platform: format, architecture, what it needs from the system, signature, size.
import { readFileSync } from 'node:fs'
import { parseElf } from './elf.mjs'
import { parseMachO, signatureProblem } from './mach-o.mjs'

const GLIBC_LIBRARIES = ['libc.so.6', 'libpthread.so.0', 'libdl.so.2', 'libm.so.6']
/** CentOS 7 and Amazon Linux 2 have 2.17 and 2.26. */
const NEWEST_GLIBC = '2.17'
const LOADERS = {
  'linux-x64': '/lib64/ld-linux-x86-64.so.2',
  'linux-arm64': '/lib/ld-linux-aarch64.so.1',
  'linux-x64-musl': '/lib/ld-musl-x86_64.so.1',
  'linux-arm64-musl': '/lib/ld-musl-aarch64.so.1',
}
const SYSTEM_LIBRARY = /^\/(usr\/lib|System\/Library)\//
const MAX_BYTES = 140 << 20

/**
 * @param {string} path
 * @param {string} platform - as the release names it: `linux-x64-musl`, `darwin-arm64`, …
 * @returns {string} what was found, in one line
 * @throws {Error} naming what is wrong
 */
export function checkExecutable(path, platform) {
  const file = readFileSync(path)
  const [system, architecture] = platform.split('-')
  const found = DESCRIBE[system](file, platform)
  const problems = [...found.problems]
  if (found.architecture !== architecture) problems.push(`its architecture is ${found.architecture}`)
  if (file.length > MAX_BYTES) problems.push(`it has ${file.length} bytes, more than ${MAX_BYTES}`)
  if (problems.length > 0) throw new Error(`${path}: ${problems.join('; ')}`)
  return `${found.description}, ${(file.length / (1 << 20)).toFixed(0)} MiB`
}

const DESCRIBE = { linux: describeElf, darwin: describeMachO, windows: describePe }

function describeElf(file, platform) {
  const { architecture, loader, libraries, versions } = parseElf(file)
  const isMusl = platform.endsWith('-musl')
  // musl names its library by the architecture.
  const allowed = isMusl ? /^(libc\.musl-\w+\.so\.1|libstdc\+\+\.so\.6|libgcc_s\.so\.1)$/ : undefined
  const loaderName = LOADERS[platform].split('/').at(-1)
  const foreign = libraries.filter((name) =>
    allowed ? !allowed.test(name) : !GLIBC_LIBRARIES.includes(name) && name !== loaderName,
  )
  const glibc = versions
    .filter((version) => /^GLIBC_\d/.test(version))
    .map((version) => version.slice('GLIBC_'.length))
    .sort(compareVersions)
    .at(-1)
  const problems = []
  if (loader !== LOADERS[platform]) problems.push(`its loader is ${loader}`)
  if (foreign.length > 0) problems.push(`it needs ${foreign.join(', ')}`)
  if (glibc && compareVersions(glibc, NEWEST_GLIBC) > 0) problems.push(`it needs glibc ${glibc}`)
  const needs = isMusl ? libraries.join(', ') : `glibc ${glibc}`
  return { architecture, problems, description: `ELF ${architecture}, needs ${needs}` }
}

function describeMachO(file) {
  const { architecture, libraries } = parseMachO(file)
  const problem = signatureProblem(file)
  const foreign = libraries.filter((name) => !SYSTEM_LIBRARY.test(name))
  const problems = [...(problem ? [problem] : []), ...(foreign.length > 0 ? [`it needs ${foreign.join(', ')}`] : [])]
  return { architecture, problems, description: `Mach-O ${architecture}, signature valid` }
}

/** https://learn.microsoft.com/windows/win32/debug/pe-format */
function describePe(file) {
  const header = file.toString('latin1', 0, 2) === 'MZ' ? file.readUInt32LE(60) : 0
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0') return { problems: ['it is not a PE file'] }
  const architecture = { 34404: 'x64', 43620: 'arm64' }[file.readUInt16LE(header + 4)]
  const CONSOLE = 3
  const subsystem = file.readUInt16LE(header + 24 + 68)
  const problems = subsystem === CONSOLE ? [] : [`its subsystem is ${subsystem}, not the console`]
  return { architecture, problems, description: `PE ${architecture}, console` }
}

function compareVersions(a, b) {
  const [[majorA, minorA = 0], [majorB, minorB = 0]] = [a, b].map((version) => version.split('.').map(Number))
  return majorA - majorB || minorA - minorB
}
