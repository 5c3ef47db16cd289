import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// The Linux executables in root directories that contain what small images contain, and nothing else.

const STANDALONE = fileURLToPath(new URL('../../dist/standalone/', import.meta.url))
const GLIBC = join(STANDALONE, 'eks-get-token-linux-x64')
const MUSL = join(STANDALONE, 'eks-get-token-linux-x64-musl')
const MUSL_LIBC = '/lib/x86_64-linux-musl/libc.so'

/** What distroless/base has of the libraries. https://github.com/GoogleContainerTools/distroless/blob/main/base/README.md */
const GLIBC_FILES = [
  '/lib64/ld-linux-x86-64.so.2',
  ...['libc.so.6', 'libpthread.so.0', 'libdl.so.2', 'libm.so.6'].map((name) => `/lib/x86_64-linux-gnu/${name}`),
]

function missingFor(...files: readonly string[]): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the test is for Linux on x64'
  if (process.getuid?.() !== 0) return 'another root directory needs root'
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return 'this container may not mount file systems'
  const missing = files.find((file) => !existsSync(file))
  return missing && `${basename(missing)} does not exist; npm run build:standalone -- --all builds the executables`
}

describe('in a container', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-roots-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const makeRoot = (executable: string, libraries: Readonly<Record<string, string>>): string => {
    const root = mkdtempSync(join(folder, 'root-'))
    for (const [source, target] of [[executable, '/eks-get-token'], ...Object.entries(libraries)] as const) {
      mkdirSync(dirname(join(root, target)), { recursive: true })
      copyFileSync(source, join(root, target))
    }
    mkdirSync(join(root, 'proc'))
    chmodSync(root, 0o755)
    return root
  }
  const run = (root: string, { user = '0:0', isReadOnly = false, hasProc = true } = {}) => {
    const steps = [
      `mount --bind ${root} ${root}`,
      ...(isReadOnly ? [`mount -o remount,ro,bind ${root}`] : []),
      ...(hasProc ? [`mount -t proc proc ${root}/proc`] : []),
      `exec chroot --userspec=${user} ${root} /eks-get-token --cluster-name demo`,
    ]
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/',
      AWS_REGION: 'us-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-ec', steps.join('\n')], {
      env: { ...env, ...keys('AKIDEXAMPLE') },
      encoding: 'utf8',
      timeout: 30_000,
    })
    return { status, stdout, stderr }
  }
  const asTheyAre = Object.fromEntries(GLIBC_FILES.map((file) => [file, file]))

  describe('the executable for glibc', skipUnlessAvailable(missingFor(GLIBC, ...GLIBC_FILES)), () => {
    test.each([
      ['as root', {}],
      [
        'as a user without passwd entry and home directory, on a read-only file system without /tmp',
        { user: '65532:65532', isReadOnly: true },
      ],
    ])('needs glibc only: %s', (_title, options) => {
      const { status, stdout, stderr } = run(makeRoot(GLIBC, asTheyAre), options)
      expect([status, stderr, JSON.parse(stdout).kind]).toEqual([0, '', 'ExecCredential'])
    })
    test('cannot start without it (scratch, distroless/static)', () => {
      expect(run(makeRoot(GLIBC, {}))).toMatchObject({ status: 127, stdout: '' })
    })
    test('without /proc prints no partial result', () => {
      const { status, stdout } = run(makeRoot(GLIBC, asTheyAre), { hasProc: false })
      expect(status === 0 || stdout === '').toBe(true)
    })
  })

  test('the executable for musl needs libstdc++', skipUnlessAvailable(missingFor(MUSL, MUSL_LIBC)), () => {
    const root = makeRoot(MUSL, { [MUSL_LIBC]: '/lib/ld-musl-x86_64.so.1' })
    copyFileSync(MUSL_LIBC, join(root, 'lib/libc.musl-x86_64.so.1'))
    expect(run(root)).toMatchObject({ status: 127, stdout: '', stderr: expect.stringContaining('libstdc++.so.6') })
  })
})
