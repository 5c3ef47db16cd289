// Loaded with --require: another process, without the lock, that changes a file at the worst moment of this run.
//   INTERFERE_FILE  the file
//   INTERFERE_TEXT  what it writes
//   INTERFERE_AT    lock: before this run has the lock; rename: before it replaces the file; open: it has the file open then,
//                   truncated, and writes after that; broken lock: as rename, and it removes the lock and creates its own;
//                   after: a moment after the file was replaced, as a process does that has read it before
const fs = require('node:fs')

const { INTERFERE_AT, INTERFERE_FILE: file, INTERFERE_TEXT: text } = process.env
const original = { ...fs }
let isDone = false
const once = (task) => {
  if (isDone) return
  isDone = true
  task()
}
const write = () => original.writeFileSync(file, text)

fs.openSync = (path, flags, mode) => {
  if (INTERFERE_AT === 'lock' && path === `${file}.lock`) once(write)
  return original.openSync(path, flags, mode)
}
fs.renameSync = (from, to) => {
  if (to !== file) return original.renameSync(from, to)
  if (INTERFERE_AT === 'rename') once(write)
  if (INTERFERE_AT === 'open') {
    once(() => {
      const descriptor = original.openSync(file, 'w')
      setTimeout(() => original.writeSync(descriptor, text.slice(0, text.length >> 1)), 30)
      setTimeout(() => original.writeSync(descriptor, text.slice(text.length >> 1)), 90)
    })
  }
  if (INTERFERE_AT === 'broken lock') {
    once(() => {
      original.unlinkSync(`${file}.lock`)
      original.writeFileSync(`${file}.lock`, '', { mode: 0 })
      write()
      setTimeout(() => original.unlinkSync(`${file}.lock`), 100)
    })
  }
  original.renameSync(from, to)
  if (INTERFERE_AT === 'after') once(() => setTimeout(write, 1))
}
require('node:module').syncBuiltinESMExports()
