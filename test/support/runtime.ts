import type { Runtime } from '../../src/runtime.ts'

/** A runtime with these variables and files at a fixed time, for tests of pure functions. */
export function runtimeWith(
  options: {
    env?: Record<string, string>
    files?: Record<string, string>
    now?: string
    trace?: string[]
    /** Default: linux. */
    platform?: string
    registry?: Record<string, string>
    programPath?: string
  } = {},
): Runtime {
  const { env = {}, files = {}, now = '2026-01-02T03:04:05Z', trace, platform = 'linux', registry = {} } = options
  const { programPath = '/opt/bin/eks-get-token' } = options
  return {
    env: { AWS_EC2_METADATA_DISABLED: 'true', ...env },
    homeDirectory: () => (platform === 'win32' ? 'C:\\Users\\u' : '/home/u'),
    userId: undefined,
    readText: (path) => files[path],
    now: () => new Date(now),
    trace: (line) => trace?.push(line),
    processHost: {
      platform,
      processId: 1,
      program: () => 'node/20.0.0',
      programPath: () => programPath,
      hostId: () => 'host',
      isRunning: () => false,
      hasTerminal: () => false,
      kill: () => {},
      readRegistry: () => new Map(Object.entries(registry)),
      onExit: () => () => {},
    },
  }
}

/** Example credentials: every secret access key is `secret-of-` and the access key id. */
export function keys(accessKeyId: string): { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string } {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: `secret-of-${accessKeyId}` }
}
