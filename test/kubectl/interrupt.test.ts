import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ownUserBlock } from '../support/kubeconfig.ts'
import { findKubectl } from '../support/kubectl.ts'
import { startLocalCluster } from '../support/local-cluster.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const KUBECTL = findKubectl(process.env.PATH ?? '')
const SCRIPT = findProgram('script')
const missing = !KUBECTL
  ? 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one'
  : !SCRIPT
    ? 'script (util-linux) is not on PATH'
    : undefined

const PROFILES = `[profile base]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = secret-of-AKIDEXAMPLE
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/role-a
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
`

describe('kubectl on a terminal', { timeout: 30_000, ...skipUnlessAvailable(missing) }, () => {
  test.each([
    ['at once', '\u0003', 'v1'],
    ['after some digits', '123\u0003', 'v1'],
    ['of a plugin of v1beta1', '\u0003', 'v1beta1'],
  ] as const)(
    'one Ctrl-C at the MFA prompt ends kubectl, which does not start the plugin again: %s',
    async (_title, keys, version) => {
      const apiVersion = `client.authentication.k8s.io/${version}` as const
      const user = ownUserBlock({ clusterName: 'demo', region: 'us-west-2', profile: 'mfa', apiVersion })
      const cluster = await startLocalCluster({ clusterName: 'demo', secretFor: () => undefined, user })
      try {
        await mkdir(join(cluster.home, '.aws'))
        await writeFile(join(cluster.home, '.aws', 'config'), PROFILES)
        const child = spawn(SCRIPT as string, ['-qec', `exec '${KUBECTL}' get namespaces`, '/dev/null'], {
          env: { ...cluster.env, PATH: `${cluster.env.PATH}:/usr/bin:/bin`, SHELL: '/bin/sh' },
          cwd: cluster.home,
        })
        const started = Date.now()
        let screen = ''
        let isTyped = false
        child.stdout.on('data', (chunk) => {
          screen += chunk
          if (isTyped || !screen.includes('Enter MFA code')) return
          isTyped = true
          child.stdin.write(keys)
        })
        const exitCode = await new Promise((resolve) => child.once('close', resolve))
        expect(screen.split('Enter MFA code')).toHaveLength(2)
        expect(exitCode).not.toBe(0)
        expect(Date.now() - started).toBeLessThan(10_000)
        expect(cluster.seen.filter(({ verdict }) => verdict.ok)).toEqual([])
      } finally {
        await cluster.close()
      }
    },
  )
})
