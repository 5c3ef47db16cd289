// Bun ends with an error of its own if the working directory has been deleted. An executable for Linux first looks for its
// working directory, and changes to one in which nothing can be created where that is gone.
import { programHeaders } from './elf.mjs'

const PT_LOAD = 1
const PT_NOTE = 4
const PF_X = 1
const PF_R = 4
const ENTRY = 24

/**
 * The instructions, then a jump to the entry point of Bun, then the name of the directory:
 *
 *     if (getcwd(stack, 4096) == -ENOENT) chdir("/proc/self/fdinfo")
 *
 * `jump` is the offset of the jump, which `encode` makes for a distance from there. Registers that the entry point receives
 * from the loader (rdx, x0) are preserved.
 */
const STUBS = {
  62: {
    // push rdx; sub rsp, 4096; mov eax, 79; mov rdi, rsp; mov esi, 4096; syscall; add rsp, 4096; cmp rax, -2; jne L;
    // lea rdi, [rip + 13]; mov eax, 80; syscall; L: pop rdx; jmp
    code: '524881ec00100000b84f0000004889e7be001000000f054881c4001000004883f8fe750e488d3d0d000000b8500000000f055ae900000000',
    jump: 51,
    encode: (distance) => {
      const bytes = Buffer.from([0xe9, 0, 0, 0, 0])
      bytes.writeInt32LE(distance - bytes.length, 1)
      return bytes
    },
  },
  183: {
    // stp x0, x1, [sp, -16]!; sub sp, sp, 4096; mov x0, sp; mov x1, 4096; mov x8, 17; svc 0; add sp, sp, 4096; cmn x0, 2;
    // b.ne L; adr x0, 20; mov x8, 49; svc 0; L: ldp x0, x1, [sp], 16; b
    code: 'e007bfa9ff0740d1e0030091010082d2280280d2010000d4ff0740911f0800b181000054a0000010280680d2010000d4e007c1a800000014',
    jump: 52,
    encode: (distance) => {
      if (Math.abs(distance) >= 2 ** 27) throw new Error('the entry point is too far away')
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(0x14000000 | ((distance >> 2) & 0x3ffffff))
      return bytes
    },
  },
}
const DIRECTORY = '/proc/self/fdinfo\0'

/** The largest size of a page on these architectures. */
const PAGE = 0x10000

/**
 * The instructions are appended to the file, and mapped by the program header of the notes (build id), which nothing reads.
 *
 * @param {Buffer} file an ELF executable
 * @returns {Buffer} the changed executable
 * @throws {Error} if it has no program header that can be used
 */
export function leaveDeletedDirectory(file) {
  const { code, jump, encode } = STUBS[file.readUInt16LE(18)]
  const stub = Buffer.concat([Buffer.from(code, 'hex'), Buffer.from(DIRECTORY)])
  const headers = programHeaders(file)
  const segments = headers.filter(({ type }) => type === PT_LOAD)
  const note = headers.findLast(({ type }) => type === PT_NOTE)
  // The kernel wants segments in the order of their addresses.
  if (!note || note.at < Math.max(...segments.map(({ at }) => at))) throw new Error('no program header can be used')
  const start = roundUp(file.length, 16)
  const address = roundUp(Math.max(...segments.map(({ virtual, memory }) => virtual + memory)), PAGE) + (start % PAGE)
  encode(Number(file.readBigUInt64LE(ENTRY)) - address - jump).copy(stub, jump)
  const changed = Buffer.concat([file, Buffer.alloc(start - file.length), stub])
  changed.writeBigUInt64LE(BigInt(address), ENTRY)
  changed.writeUInt32LE(PT_LOAD, note.at)
  changed.writeUInt32LE(PF_R | PF_X, note.at + 4)
  for (const [index, value] of [start, address, address, stub.length, stub.length, PAGE].entries()) {
    changed.writeBigUInt64LE(BigInt(value), note.at + 8 + 8 * index)
  }
  return changed
}

function roundUp(value, unit) {
  return Math.ceil(value / unit) * unit
}
