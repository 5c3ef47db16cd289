// Ends a run before the Nth change that it makes to files below a directory, or in the middle of it if it writes to a file. 0
// counts only. The changes are appended to a log.
//
// Loaded with --require it ends the process with SIGKILL: KILL_AT=N, KILL_BELOW, KILL_LOG. in-process.ts calls it.
const fs = require('node:fs')

/**
 * @param original - the functions of node:fs
 * @param kill - does not return
 * @returns those of them that change files
 */
function killAt(original, { at, below, log }, kill) {
  const paths = new Map()
  let count = 0
  const isBelow = (path) => typeof path === 'string' && path.startsWith(`${below}/`)

  function change(name, path, half) {
    if (!isBelow(path)) return
    count++
    const descriptor = original.openSync(log, 'a')
    original.writeSync(descriptor, `${name} ${path.slice(below.length)}\n`)
    original.closeSync(descriptor)
    if (count !== at) return
    half?.()
    kill()
  }

  const changing = {
    openSync: (path, flags, mode) => {
      const isWrite = typeof flags === 'string' ? flags !== 'r' : (flags & 3) !== 0
      if (isWrite) change('open', path)
      const descriptor = original.openSync(path, flags, mode)
      if (isWrite) paths.set(descriptor, path)
      return descriptor
    },
    closeSync: (descriptor) => {
      paths.delete(descriptor)
      return original.closeSync(descriptor)
    },
    writeSync: (descriptor, data, offset, length, position) => {
      const half = () => {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data.subarray(offset ?? 0)
        original.writeSync(descriptor, bytes, 0, bytes.length >> 1, typeof data === 'string' ? null : position)
      }
      change('write', paths.get(descriptor), half)
      return original.writeSync(descriptor, data, offset, length, position)
    },
    // Node's calls those of the module, which are these in a process only.
    writeFileSync: (file, data, options) => {
      const { flag = 'w', mode = 0o666 } = typeof options === 'object' ? options : {}
      const descriptor = typeof file === 'number' ? file : changing.openSync(file, flag, mode)
      try {
        let rest = Buffer.from(data)
        while (rest.length > 0) rest = rest.subarray(changing.writeSync(descriptor, rest))
      } finally {
        if (descriptor !== file) changing.closeSync(descriptor)
      }
    },
  }
  for (const name of ['fsyncSync', 'ftruncateSync', 'fchmodSync', 'fchownSync']) {
    changing[name] = (descriptor, ...values) => {
      change(name, paths.get(descriptor))
      return original[name](descriptor, ...values)
    }
  }
  for (const name of ['renameSync', 'unlinkSync', 'mkdirSync']) {
    changing[name] = (path, ...values) => {
      change(name, path)
      return original[name](path, ...values)
    }
  }
  return changing
}

module.exports = { killAt }

const { KILL_AT, KILL_BELOW = '/nonexistent', KILL_LOG = '/dev/null' } = process.env
if (KILL_AT !== undefined) {
  const kill = () => {
    process.kill(process.pid, 'SIGKILL')
    // The signal is delivered before anything else happens.
    for (;;);
  }
  Object.assign(fs, killAt({ ...fs }, { at: Number(KILL_AT), below: KILL_BELOW, log: KILL_LOG }, kill))
}
