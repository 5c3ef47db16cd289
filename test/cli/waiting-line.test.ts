import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Terminal } from '../../src/cli/terminal.ts'
import { createWaitingLine } from '../../src/cli/waiting-line.ts'
import { startDeadline } from '../../src/net/deadline.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function start({ isTerminal = true, columns = 80 } = {}) {
  let written = ''
  let onExit: (() => void) | undefined
  const terminal = {
    err: (text: string) => {
      written += text
    },
    stderr: () => ({ isTerminal, columns }),
  } as unknown as Terminal
  const host = {
    onExit: (stop: () => void) => {
      onExit = stop
      return () => {
        onExit = undefined
      }
    },
  }
  const line = createWaitingLine(terminal, host)
  const deadline = startDeadline(60, () => new Date(), line)
  return { line, deadline, written: () => written, exit: () => onExit?.() }
}

const ERASED = '\r\x1b[K'
const SHOWN = `${ERASED}waiting for STS`
const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms))

describe('the line that says what a run waits for', () => {
  test('appears after a second, and is erased at the end', async () => {
    const { deadline, written, line } = start()
    const result = deadline.waitFor('STS', later(1500, 'x'))
    await vi.advanceTimersByTimeAsync(999)
    expect(written()).toBe('')
    await vi.advanceTimersByTimeAsync(1)
    expect(written()).toBe(SHOWN)
    await vi.advanceTimersByTimeAsync(600)
    expect(await result).toBe('x')
    expect(written()).toBe(SHOWN + ERASED)
    line.close()
    expect(written()).toBe(SHOWN + ERASED)
    deadline.clear()
  })
  test('does not appear in a shorter run', async () => {
    const { deadline, written, line } = start()
    await Promise.all([deadline.waitFor('STS', later(900, 'x')), vi.advanceTimersByTimeAsync(900)])
    line.close()
    await vi.advanceTimersByTimeAsync(5000)
    expect(written()).toBe('')
    deadline.clear()
  })
  test('never appears where stderr is not a terminal', async () => {
    const { deadline, written } = start({ isTerminal: false })
    void deadline.waitFor('STS', later(5000, 'x'))
    await vi.advanceTimersByTimeAsync(6000)
    expect(written()).toBe('')
    deadline.clear()
  })
  test('does not flicker while a lock is polled, and follows what is waited for', async () => {
    const { deadline, written } = start()
    const poll = async () => {
      for (let turn = 0; turn < 40; turn++) await deadline.waitFor('process 7', later(50, 'x'))
      await deadline.waitFor('STS', later(1000, 'x'))
    }
    void poll()
    await vi.advanceTimersByTimeAsync(3500)
    expect(written()).toBe(`${ERASED}waiting for process 7${SHOWN}${ERASED}`)
    deadline.clear()
  })
  test('is away while a user enters something', async () => {
    const { deadline, written, line } = start()
    void deadline.waitFor('STS', deadline.pauseWhile(later(5000, 'x')))
    await vi.advanceTimersByTimeAsync(4000)
    expect(written()).toBe('')
    await vi.advanceTimersByTimeAsync(2000)
    expect(written().replaceAll(SHOWN, '').replaceAll(ERASED, '')).toBe('')
    line.close()
    deadline.clear()
  })
  test('does not appear for a process that may use the terminal', async () => {
    const { deadline, written } = start()
    void deadline.waitFor('the credential_process', later(5000, 'x'), true)
    await vi.advanceTimersByTimeAsync(6000)
    expect(written()).toBe('')
    deadline.clear()
  })
  test('is erased when the process is interrupted', async () => {
    const { deadline, written, exit } = start()
    void deadline.waitFor('STS', later(5000, 'x'))
    await vi.advanceTimersByTimeAsync(1000)
    exit()
    expect(written()).toBe(SHOWN + ERASED)
    deadline.clear()
  })
  test('fits into the terminal, so that it can be erased', async () => {
    const { deadline, written } = start({ columns: 10 })
    void deadline.waitFor('STS', later(5000, 'x'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(written()).toBe(`${ERASED}waiting f`)
    deadline.clear()
  })
})
