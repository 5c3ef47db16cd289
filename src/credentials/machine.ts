/** Who we are among the processes of the machines that share a home folder. */
export interface Machine {
  /** As Node names it: `linux`, `darwin`, `win32`, … */
  readonly platform: string
  readonly processId: number
  /** Of the space in which process ids count: the host, and on it the container. */
  readonly name: () => string
  readonly isRunning: (processId: number) => boolean
  /** Is there a terminal that this process could ask its user on? */
  readonly hasTerminal: () => boolean
  /** Ends a process and all of its group at once. */
  readonly killGroup: (processId: number) => void
  /** Calls `stop` when this process ends, also by a signal that can be caught. @returns what takes that back */
  readonly atEnd: (stop: () => void) => () => void
}
