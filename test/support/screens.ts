import { spawn } from 'node:child_process'
import { findProgram } from './programs.ts'

/** `script` of util-linux runs a command in a terminal; undefined when it is not installed. */
export const SCRIPT = process.platform === 'linux' ? findProgram('script') : undefined

/** What a slow run shows while it waits, and erases: the waiting line, and the line of a check that has begun. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the lines are erased
const WAITS = /(?:\r\x1b\[K| {2}… {5})(?:waiting for [^\r]*\r\x1b\[K)+/g

/** Runs a command in a terminal of 80 columns, and returns what it wrote there, and what remained of it. */
export function onTerminal(
  words: readonly string[],
  { env, cwd, columns = 80 }: { env: Record<string, string>; cwd: string; columns?: number },
): Promise<{ code: number | null; screen: string; written: string }> {
  const line = `stty columns ${columns} rows 50; ${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`
  const child = spawn(SCRIPT ?? '', ['-qec', line, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const written = Buffer.concat(chunks).toString('utf8').replaceAll('\r\n', '\n')
      resolve({ code, screen: written.replace(WAITS, ''), written })
    })
  })
}

/** Replaces what changes from run to run. */
export function steady(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '2026-01-02 03:04:05 UTC')
    .replace(/\b20\d{6}T\d{6}Z\b/g, '20260102T030405Z')
    .replace(/\((now|\d seconds? ago)\)/g, '(now)')
    .replace(/\(in (15 minutes|14 minutes \d+ seconds?)\)/g, '(in 15 minutes)')
    .replace(/(\s)\d seconds? \(maximum 15 minutes\)/g, '$10 seconds (maximum 15 minutes)')
    .replace(/\d s old/g, '0 s old')
    .replace(/(in sync with [^(\n]+) \(-?\d s\)/g, '$1 (0 s)')
    .replace(/\d+ hours old/g, '1234 hours old')
    .replace(/\d+ days( \d+ hours?)?/g, '123 days 4 hours')
    .replace(/eks-get-token\/\d\S+ (node\/\S+|executable)(\+front)?/g, 'eks-get-token/VERSION')
    .replace(/\(in (1 hour|59 minutes \d+ seconds?)\)/g, '(in 1 hour)')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
}
