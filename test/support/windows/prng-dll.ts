/**
 * bcryptprimitives.dll with its one function, ProcessPrng, which Bun's runtime needs and wine 8 lacks. It has no code: the
 * export is a forwarder to RtlGenRandom of advapi32.dll (by its exported name), which has the same parameters.
 * https://learn.microsoft.com/windows/win32/debug/pe-format#export-address-table
 */
export function prngDll(): Buffer {
  const ALIGNMENT = 0x200
  const SECTION_ADDRESS = 0x1000
  const file = Buffer.alloc(2 * ALIGNMENT)
  const at = (offset: number) => SECTION_ADDRESS + offset

  // Export directory, then its tables: addresses, names, ordinals, and the texts.
  const section = Buffer.alloc(ALIGNMENT)
  const texts = { dll: 0x50, name: 0x70, forwarder: 0x80 }
  section.write('bcryptprimitives.dll\0', texts.dll, 'latin1')
  section.write('ProcessPrng\0', texts.name, 'latin1')
  section.write('advapi32.SystemFunction036\0', texts.forwarder, 'latin1')
  const exportSize = 0xa0
  const directory = [0, 0, 0, at(texts.dll), 1, 1, 1, at(0x28), at(0x2c), at(0x30)]
  for (const [index, value] of directory.entries()) section.writeUInt32LE(value, 4 * index)
  // An address within the export directory is that of a forwarder.
  section.writeUInt32LE(at(texts.forwarder), 0x28)
  section.writeUInt32LE(at(texts.name), 0x2c)

  const PE = 0x40
  file.write('MZ', 0, 'latin1')
  file.writeUInt32LE(PE, 0x3c)
  file.write('PE\0\0', PE, 'latin1')
  const coff = PE + 4
  file.writeUInt16LE(0x8664, coff)
  file.writeUInt16LE(1, coff + 2)
  file.writeUInt16LE(0xf0, coff + 16)
  // Executable, large addresses, a library.
  file.writeUInt16LE(0x2022, coff + 18)
  const optional = coff + 20
  file.writeUInt16LE(0x20b, optional)
  file.writeUInt32LE(ALIGNMENT, optional + 8)
  file.writeBigUInt64LE(0x180000000n, optional + 24)
  file.writeUInt32LE(0x1000, optional + 32)
  file.writeUInt32LE(ALIGNMENT, optional + 36)
  file.writeUInt16LE(6, optional + 40)
  file.writeUInt16LE(6, optional + 48)
  file.writeUInt32LE(0x2000, optional + 56)
  file.writeUInt32LE(ALIGNMENT, optional + 60)
  file.writeUInt16LE(3, optional + 68)
  file.writeUInt32LE(16, optional + 108)
  file.writeUInt32LE(SECTION_ADDRESS, optional + 112)
  file.writeUInt32LE(exportSize, optional + 116)
  const header = optional + 0xf0
  file.write('.edata', header, 'latin1')
  for (const [index, value] of [exportSize, SECTION_ADDRESS, ALIGNMENT, ALIGNMENT].entries()) {
    file.writeUInt32LE(value, header + 8 + 4 * index)
  }
  // Initialized data, readable.
  file.writeUInt32LE(0x40000040, header + 36)
  section.copy(file, ALIGNMENT)
  return file
}
