// What a 64-bit ELF executable needs from the system that runs it.
// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/book1.html
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_VERNEED = 0x6ffffffe
const DT_VERNEEDNUM = 0x6fffffff

/**
 * @param {Buffer} file
 * @returns the architecture, the loader, the shared libraries, and the versions of symbols such as `GLIBC_2.17`
 */
export function parseElf(file) {
  if (file.toString('latin1', 0, 4) !== '\x7fELF' || file[4] !== 2) throw new Error('not a 64-bit ELF file')
  const architecture = { 62: 'x64', 183: 'arm64' }[file.readUInt16LE(18)]
  const segments = programHeaders(file)
  const offsetOf = (address) => {
    const segment = segments.find(
      ({ type, virtual, size }) => type === PT_LOAD && address >= virtual && address < virtual + size,
    )
    return segment.offset + address - segment.virtual
  }
  const loader = segments.find(({ type }) => type === PT_INTERP)
  const dynamic = dynamicEntries(
    file,
    segments.find(({ type }) => type === PT_DYNAMIC),
  )
  const value = (tag) => dynamic.find((entry) => entry.tag === tag)?.value
  const strings = offsetOf(value(DT_STRTAB))
  const text = (start) => file.toString('latin1', start, file.indexOf(0, start))
  const libraries = dynamic.filter(({ tag }) => tag === DT_NEEDED).map((entry) => text(strings + entry.value))
  const versions = []
  let need = value(DT_VERNEED) === undefined ? 0 : offsetOf(value(DT_VERNEED))
  for (let left = value(DT_VERNEEDNUM) ?? 0; left > 0; left--) {
    let version = need + file.readUInt32LE(need + 8)
    for (let more = file.readUInt16LE(need + 2); more > 0; more--) {
      versions.push(text(strings + file.readUInt32LE(version + 8)))
      version += file.readUInt32LE(version + 12)
    }
    need += file.readUInt32LE(need + 12)
  }
  return { architecture, loader: loader && text(loader.offset), libraries, versions }
}

/** @param {Buffer} file */
export function programHeaders(file) {
  const start = number(file, 32)
  const [size, count] = [file.readUInt16LE(54), file.readUInt16LE(56)]
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    return {
      at,
      type: file.readUInt32LE(at),
      flags: file.readUInt32LE(at + 4),
      offset: number(file, at + 8),
      virtual: number(file, at + 16),
      size: number(file, at + 32),
      memory: number(file, at + 40),
    }
  })
}

function dynamicEntries(file, { offset, size }) {
  return Array.from({ length: size / 16 }, (_, index) => ({
    tag: number(file, offset + 16 * index),
    value: number(file, offset + 16 * index + 8),
  }))
}

function number(file, at) {
  return Number(file.readBigUInt64LE(at))
}
