// What a 64-bit ELF executable needs from the system that runs it.
// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/book1.html
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const PT_GNU_STACK = 0x6474e551
const PT_GNU_RELRO = 0x6474e552
const PF_X = 1
const PF_W = 2
const ET_DYN = 3
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_FLAGS = 30
const DT_FLAGS_1 = 0x6ffffffb
const DF_BIND_NOW = 8
const DF_1_NOW = 1
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

/** `mov %fs:0x28, %rax` on x64: a function loads the canary that it puts on its stack. */
const LOAD_CANARY = Buffer.from('64488b042528000000', 'hex')

/**
 * How an executable is hardened, from its headers: it may be stripped.
 *
 * @param {Buffer} file
 * @returns whether its position is chosen at start (PIE), the stack is not executable, no memory is writable and executable,
 *   the tables of the linker are read-only (full RELRO), and, for x64, functions check their stack
 */
export function hardening(file) {
  const segments = programHeaders(file)
  const segment = (wanted) => segments.find(({ type }) => type === wanted)
  const flags = segments.filter(({ type }) => type === PT_LOAD).map((each) => each.flags)
  const dynamic = segment(PT_DYNAMIC) ? dynamicEntries(file, segment(PT_DYNAMIC)) : []
  const isSet = (tag, bit) => dynamic.some((entry) => entry.tag === tag && (entry.value & bit) !== 0)
  return {
    pie: file.readUInt16LE(16) === ET_DYN,
    stackNotExecutable: ((segment(PT_GNU_STACK)?.flags ?? PF_X) & PF_X) === 0,
    writableOrExecutable: flags.every((each) => (each & PF_W) === 0 || (each & PF_X) === 0),
    fullRelro: segment(PT_GNU_RELRO) !== undefined && (isSet(DT_FLAGS, DF_BIND_NOW) || isSet(DT_FLAGS_1, DF_1_NOW)),
    stackProtector: file.includes(LOAD_CANARY),
  }
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
