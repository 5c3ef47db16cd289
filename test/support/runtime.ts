import type { Runtime } from '../../src/runtime.ts'

/** A machine with just these variables and files, at a fixed time: what the pure parts are tested on. */
export function runtimeWith(
  options: { env?: Record<string, string>; files?: Record<string, string>; now?: string; trace?: string[] } = {},
): Runtime {
  const { env = {}, files = {}, now = '2026-01-02T03:04:05Z', trace } = options
  return {
    env: { AWS_EC2_METADATA_DISABLED: 'true', ...env },
    homeDirectory: () => '/home/u',
    userId: undefined,
    readText: (path) => files[path],
    now: () => new Date(now),
    trace: (line) => trace?.push(line),
    processHost: {
      platform: 'linux',
      processId: 1,
      programPath: () => '/opt/bin/eks-get-token',
      hostId: () => 'host',
      isRunning: () => false,
      hasTerminal: () => false,
      terminalId: () => 'tty 0',
      kill: () => {},
      onSuspend: () => () => {},
      onExit: () => () => {},
    },
  }
}

/** The keys of the examples: the secret of a key is `secret-of-` and its id. */
export function keys(accessKeyId: string): { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string } {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: `secret-of-${accessKeyId}` }
}
