// Checks a front that was built: format, architecture, what it needs from the system, hardening, size.
import { hardening, parseElf } from './elf.mjs'
import { parseMachO, signatureProblem } from './mach-o.mjs'
import { parsePe } from './pe.mjs'

const MAX_BYTES = 4_000_000
/** In every Windows since 7, and in system32. */
const WINDOWS_LIBRARIES = ['kernel32.dll', 'msvcrt.dll']
const CONSOLE = 3

/**
 * @param {Buffer} file
 * @param {string} platform - as `--platform` names it
 * @returns {string} what was found, in one line
 * @throws {Error} naming what is wrong
 */
export function checkFront(file, platform) {
  const [system, architecture] = platform.split('-')
  const found = DESCRIBE[system](file, architecture)
  const problems = [...found.problems]
  if (found.architecture !== architecture) problems.push(`its architecture is ${found.architecture}`)
  if (file.length > MAX_BYTES) problems.push(`it has ${file.length} bytes, more than ${MAX_BYTES}`)
  for (const [name, isSet] of Object.entries(found.hardening)) if (!isSet) problems.push(`it is not hardened: ${name}`)
  if (problems.length > 0) throw new Error(problems.join('; '))
  return `${found.description}, ${(file.length / 1e6).toFixed(2)} MB`
}

const DESCRIBE = { linux: describeElf, windows: describePe, darwin: describeMachO }

function describeElf(file, expected) {
  const { architecture, loader, libraries } = parseElf(file)
  const needed = [...(loader ? [loader] : []), ...libraries]
  const { stackProtector, ...found } = hardening(file)
  return {
    architecture,
    problems: needed.length > 0 ? [`it needs ${needed.join(', ')}`] : [],
    // How functions check their stack is known for x64 only.
    hardening: expected === 'x64' ? { ...found, stackProtector } : found,
    description: `static ELF ${architecture}`,
  }
}

function describePe(file) {
  const { architecture, subsystem, libraries, hardening } = parsePe(file)
  const foreign = libraries.filter((name) => !WINDOWS_LIBRARIES.includes(name.toLowerCase()))
  const problems = foreign.length > 0 ? [`it needs ${foreign.join(', ')}`] : []
  if (subsystem !== CONSOLE) problems.push(`its subsystem is ${subsystem}, not the console`)
  return { architecture, problems, hardening, description: `PE ${architecture}, needs ${libraries.join(', ')}` }
}

const MACHO_FLAGS = 24
const MH_PIE = 0x200000

function describeMachO(file) {
  const { architecture, libraries } = parseMachO(file)
  const foreign = libraries.filter((name) => !name.startsWith('/usr/lib/'))
  const signature = signatureProblem(file)
  return {
    architecture,
    problems: [...(signature ? [signature] : []), ...(foreign.length > 0 ? [`it needs ${foreign.join(', ')}`] : [])],
    hardening: { pie: (file.readUInt32LE(MACHO_FLAGS) & MH_PIE) !== 0 },
    description: `Mach-O ${architecture}, needs ${libraries.join(', ')}`,
  }
}
