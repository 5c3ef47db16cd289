// Bun ends with an error of its own if the working directory has been deleted. An executable for Linux first looks for its
// working directory, and changes to one in which nothing can be created where that is gone.
import { programHeaders } from './elf.mjs'

const PT_LOAD = 1
const PF_X = 1
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
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(0x14000000 | ((distance >> 2) & 0x3ffffff))
      return bytes
    },
  },
}
const DIRECTORY = '/proc/self/fdinfo\0'

/**
 * @param {Buffer} file an ELF executable, which is changed
 * @throws {Error} if there is no room for the instructions before its code
 */
export function leaveDeletedDirectory(file) {
  const { code, jump, encode } = STUBS[file.readUInt16LE(18)]
  const stub = Buffer.concat([Buffer.from(code, 'hex'), Buffer.from(DIRECTORY)])
  const segments = programHeaders(file).filter(({ type }) => type === PT_LOAD)
  const executable = segments.find(({ flags }) => (flags & PF_X) !== 0)
  // Segments are mapped by pages: what is in the file before this one, on its first page, is mapped with it.
  const page = executable.offset - (executable.offset % 4096)
  const previous = Math.max(
    ...segments.map(({ offset, size }) => offset + size).filter((end) => end <= executable.offset),
  )
  const start = Math.floor((executable.offset - stub.length) / 16) * 16
  if (start < Math.max(page, previous) || file.subarray(start, executable.offset).some((byte) => byte !== 0)) {
    throw new Error('there is no room before the code of the executable')
  }
  const moved = executable.offset - start
  const address = executable.virtual - moved
  encode(Number(file.readBigUInt64LE(ENTRY)) - address - jump).copy(stub, jump)
  stub.copy(file, start)
  file.writeBigUInt64LE(BigInt(address), ENTRY)
  for (const [field, change] of [
    [8, -moved],
    [16, -moved],
    [24, -moved],
    [32, moved],
    [40, moved],
  ]) {
    const at = executable.at + field
    file.writeBigUInt64LE(file.readBigUInt64LE(at) + BigInt(change), at)
  }
}
