import { readFileSync } from 'node:fs'

/**
 * Calls `before` when this process is about to be suspended, `after` when it continues.
 *
 * @returns a function that removes both
 */
export function onSuspend(before: () => void, after: () => void): () => void {
  if (process.platform === 'win32') return () => {}
  const suspend = (): void => {
    before()
    // By the default action, not by SIGSTOP: the kernel ignores it where no shell could continue the process.
    process.off('SIGTSTP', suspend)
    process.kill(process.pid, 'SIGTSTP')
    process.on('SIGTSTP', suspend)
    after()
  }
  process.on('SIGTSTP', suspend)
  return () => process.off('SIGTSTP', suspend)
}

/**
 * Tells terminals of this host apart, as far as the platform allows it: on Linux by the device number of the controlling
 * terminal. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function terminalId(): string {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // The program's name, in parentheses, may contain spaces; state, ppid, pgrp, session and tty_nr follow.
    return `tty ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]}`
  } catch {
    return 'tty'
  }
}
