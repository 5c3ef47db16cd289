import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken } from '../support/command.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// A client that reads slowly: the pipe of stdout is full when the token is written.

const here = useAwsHome()
const python = findProgram('python3')
const missing = process.platform !== 'win32' && python ? undefined : 'python3 is needed to fill a pipe'

/** Fills a pipe, starts the command with it as stdout, reads after some time, and prints what came after the filling. */
const CLIENT = `
import os, subprocess, sys, time
mode, seconds, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
read, write = os.pipe()
os.set_blocking(write, False)
filled = 0
try:
    while True: filled += os.write(write, b"x" * 4096)
except BlockingIOError: pass
if mode == "almost":
    filled -= len(os.read(read, 4096))
os.set_blocking(write, mode == "blocking")
child = subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE)
os.close(write)
time.sleep(seconds)
if mode == "closed": os.close(read)
else:
    data = b""
    while True:
        part = os.read(read, 65536)
        if not part: break
        data += part
    sys.stdout.write(data[filled:].decode())
sys.stderr.write(child.stderr.read().decode())
sys.exit(child.wait() % 256)
`

function run(mode: string, seconds: number) {
  const command = [...eksGetToken(), '--cluster-name', 'demo', '--profile', 'keys']
  const child = spawn(python as string, ['-c', CLIENT, mode, `${seconds}`, ...command], {
    env: here.home.env,
    cwd: here.home.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
}

describe('a full pipe as stdout', skipUnlessAvailable(missing), () => {
  test.each([
    ['that does not block', 'non-blocking'],
    ['that blocks', 'blocking'],
    ['with room for a part of the output', 'almost'],
  ])('%s gets all of the output as soon as it is read', async (_title, mode) => {
    const result = await run(mode, 2)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDKEYS'])
  })
  test('whose reader ends is not reported, as in the AWS CLI', async () => {
    expect(await run('closed', 2)).toMatchObject({ stdout: '', stderr: '' })
  })
})

/**
 * Fills a pipe, starts the command with it as stderr, sends a signal, and exits with its number if that ended the command.
 * Again every second: one that arrives while the program starts is handled after the write, which does not end.
 */
const SIGNALLED = `
import os, signal, subprocess, sys, time
mode, name, command = sys.argv[1], sys.argv[2], sys.argv[3:]
read, write = os.pipe()
os.set_blocking(write, False)
try:
    while True: os.write(write, b"x" * 4096)
except BlockingIOError: pass
os.set_blocking(write, mode == "blocking")
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=write)
time.sleep(2)
for _ in range(8):
    child.send_signal(getattr(signal, name))
    try: sys.exit(abs(child.wait(1)))
    except subprocess.TimeoutExpired: pass
child.kill()
sys.exit(99)
`

describe('a full pipe as stderr, which nobody reads', skipUnlessAvailable(missing), () => {
  const signals = { SIGINT: [2, 130], SIGTERM: [15, 143] }
  const lines = [
    ['an error', ['--cluster-name', 'demo', '--profile', 'nope']],
    ['--debug', ['--cluster-name', 'demo', '--profile', 'keys', '--debug']],
    ['a usage error', ['inspect', '--nope']],
  ] as const
  describe.each(lines)('%s', (_title, line) => {
    test.concurrent.each([
      ['blocking', 'SIGINT'],
      ['blocking', 'SIGTERM'],
      ['non-blocking', 'SIGINT'],
      ['non-blocking', 'SIGTERM'],
    ] as const)('%s: %s ends the process', async (mode, signal) => {
      const command = [...eksGetToken(), ...line]
      const child = spawn(python as string, ['-c', SIGNALLED, mode, signal, ...command], {
        env: here.home.env,
        cwd: here.home.folder,
        stdio: 'ignore',
      })
      const code = await new Promise((resolve) => child.once('close', resolve))
      expect(signals[signal]).toContain(code)
    })
  })
})
