// What an executable of 64-bit Windows needs from the system that runs it.
// https://learn.microsoft.com/windows/win32/debug/pe-format

const PE32_PLUS = 0x20b
const IMPORT_DIRECTORY = 1
const DESCRIPTOR_BYTES = 20
const SECTION_BYTES = 40
const SECTION_WRITABLE = 0x80000000
const SECTION_EXECUTABLE = 0x20000000
const HIGH_ENTROPY_VA = 0x20
const DYNAMIC_BASE = 0x40
const NX_COMPATIBLE = 0x100
const RELOCATIONS_STRIPPED = 1

/**
 * @param {Buffer} file
 * @returns the architecture, the subsystem (3: console), the libraries that it imports, and how it is hardened: whether its
 *   position is chosen at start, in 64 bits, data is not executable, and no memory is writable and executable
 */
export function parsePe(file) {
  const header = file.toString('latin1', 0, 2) === 'MZ' ? file.readUInt32LE(60) : 0
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('not a PE file')
  const optional = header + 24
  if (file.readUInt16LE(optional) !== PE32_PLUS) throw new Error('not a 64-bit PE file')
  const characteristics = file.readUInt16LE(optional + 70)
  const sections = sectionHeaders(file, optional + file.readUInt16LE(header + 20), file.readUInt16LE(header + 6))
  const isSet = (flag) => (characteristics & flag) !== 0
  return {
    architecture: { 34404: 'x64', 43620: 'arm64' }[file.readUInt16LE(header + 4)],
    subsystem: file.readUInt16LE(optional + 68),
    libraries: imports(file, file.readUInt32LE(optional + 112 + 8 * IMPORT_DIRECTORY), sections),
    hardening: {
      dynamicBase: isSet(DYNAMIC_BASE) && (file.readUInt16LE(header + 22) & RELOCATIONS_STRIPPED) === 0,
      highEntropy: isSet(HIGH_ENTROPY_VA),
      dataNotExecutable: isSet(NX_COMPATIBLE),
      writableOrExecutable: sections.every(
        ({ flags }) => (flags & SECTION_WRITABLE) === 0 || (flags & SECTION_EXECUTABLE) === 0,
      ),
    },
  }
}

function sectionHeaders(file, start, count) {
  return Array.from({ length: count }, (_, index) => {
    const at = start + SECTION_BYTES * index
    return {
      address: file.readUInt32LE(at + 12),
      size: file.readUInt32LE(at + 16),
      offset: file.readUInt32LE(at + 20),
      flags: file.readUInt32LE(at + 36),
    }
  })
}

function imports(file, table, sections) {
  const offsetOf = (address) => {
    const section = sections.find((each) => address >= each.address && address < each.address + each.size)
    return section.offset + address - section.address
  }
  const names = []
  for (let at = table === 0 ? 0 : offsetOf(table); at > 0; at += DESCRIPTOR_BYTES) {
    const name = file.readUInt32LE(at + 12)
    if (name === 0) break
    const start = offsetOf(name)
    names.push(file.toString('latin1', start, file.indexOf(0, start)))
  }
  return names
}
