// Loaded with --require: ends the process with SIGKILL before the Nth change that it makes to files below a directory, or in the
// middle of it if it writes to a file. KILL_AT=0 counts only; the changes are appended to KILL_LOG.
const fs = require('node:fs')

const { KILL_AT = '0', KILL_BELOW = '/nonexistent', KILL_LOG = '/dev/null' } = process.env
const paths = new Map()
let count = 0

const original = { ...fs }
const log = original.openSync(KILL_LOG, 'a')
const isBelow = (path) => typeof path === 'string' && path.startsWith(KILL_BELOW)

function change(name, path, half) {
  if (!isBelow(path)) return
  count++
  original.writeSync(log, `${name} ${path.slice(KILL_BELOW.length)}\n`)
  if (count !== Number(KILL_AT)) return
  half?.()
  process.kill(process.pid, 'SIGKILL')
  // The signal is delivered before anything else happens.
  for (;;);
}

fs.openSync = (path, flags, mode) => {
  const isWrite = typeof flags === 'string' ? flags !== 'r' : (flags & 3) !== 0
  if (isWrite) change('open', path)
  const descriptor = original.openSync(path, flags, mode)
  if (isWrite) paths.set(descriptor, path)
  return descriptor
}
fs.closeSync = (descriptor) => {
  paths.delete(descriptor)
  return original.closeSync(descriptor)
}
fs.writeSync = (descriptor, data, offset, length, position) => {
  const half = () => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data.subarray(offset ?? 0)
    original.writeSync(descriptor, bytes, 0, bytes.length >> 1, typeof data === 'string' ? null : position)
  }
  change('write', paths.get(descriptor), half)
  return original.writeSync(descriptor, data, offset, length, position)
}
fs.writeFileSync = (file, data, options) => {
  const half = () => original.writeFileSync(file, data.slice(0, data.length >> 1), options)
  change('write', typeof file === 'number' ? paths.get(file) : file, half)
  return original.writeFileSync(file, data, options)
}
for (const name of ['fsyncSync', 'ftruncateSync', 'fchmodSync', 'fchownSync']) {
  fs[name] = (descriptor, ...values) => {
    change(name, paths.get(descriptor))
    return original[name](descriptor, ...values)
  }
}
for (const name of ['renameSync', 'unlinkSync', 'mkdirSync']) {
  fs[name] = (path, ...values) => {
    change(name, path)
    return original[name](path, ...values)
  }
}
