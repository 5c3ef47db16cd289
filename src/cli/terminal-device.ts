import { closeSync, openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'

/** https://learn.microsoft.com/windows/console/console-handles: each handle is opened for reading and writing */
const DEVICES = [
  ['/dev/tty', '/dev/tty', 'r', 'w'],
  ['\\\\.\\CONIN$', '\\\\.\\CONOUT$', 'r+', 'r+'],
] as const

export interface TerminalDevice {
  readonly input: ReadStream
  readonly output: WriteStream
}

/** The terminal itself, wherever stdin and stderr are redirected to; undefined where there is none. */
export function openTerminal(): TerminalDevice | undefined {
  for (const [inputPath, outputPath, inputFlags, outputFlags] of DEVICES) {
    let descriptor: number | undefined
    try {
      descriptor = openSync(inputPath, inputFlags)
      return { input: new ReadStream(descriptor), output: new WriteStream(openSync(outputPath, outputFlags)) }
    } catch {
      if (descriptor !== undefined) closeIfOpen(descriptor)
    }
  }
  return undefined
}

function closeIfOpen(descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch {
    // The stream has closed it.
  }
}
