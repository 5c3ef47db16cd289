import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  configOf,
  keysProfile,
  loginProfile,
  roleProfile,
  ssoProfile,
  type TestProfile,
  webIdentityProfile,
} from '../test/support/profile-sections.ts'
import { awsLogin, signerOf, ssoLogin } from '../test/support/temporary-home.ts'
import { type Group, withAwsHome } from './lab.ts'

const PROCESSES_PER_PROFILE = 5
const credentialProcess = (letter: string): TestProfile => ({
  name: `process-${letter}`,
  section: `credential_process = {{HOME}}/process AKIDPROCESS${letter}\n`,
  signer: `AKIDPROCESS${letter}`,
})

const [roleA, roleB, ...roles] = ['role-a', 'role-b', 'role-c', 'role-d', 'role-e', 'role-f'].map((name) =>
  roleProfile(name),
)

const PROFILES: readonly TestProfile[] = [
  keysProfile,
  ...[roleA, roleB, ...roles].filter((role) => role !== undefined),
  roleProfile('chain-x', roleA),
  roleProfile('chain-y', roleB),
  ...['RoleG', 'RoleH', 'RoleI', 'RoleJ', 'RoleK'].map(ssoProfile),
  loginProfile,
  ...['web-u', 'web-v'].map(webIdentityProfile),
  ...['L', 'M', 'N'].map(credentialProcess),
]

/** Calls of the first crowd: one for each identity, and one refresh of the login that the SSO profiles share. */
const COLD_CALLS = {
  AssumeRole: 8,
  AssumeRoleWithWebIdentity: 2,
  CreateOAuth2Token: 1,
  CreateToken: 1,
  GetRoleCredentials: 5,
}

const PROCESS = `#!/bin/sh
echo run >> "\${0%/*}/process-runs"
printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"secret-of-%s"}' "$1" "$1"
`

/** 100 processes at once over 20 profiles: with empty caches and logins that need a refresh, then with what is cached. */
export const crowd: Group = async (lab) => {
  const { report, random } = lab
  await withAwsHome(lab, async (aws, home) => {
    home.write('.aws/config', configOf(PROFILES, home.folder))
    home.write(...ssoLogin('corp', -60))
    home.write(...awsLogin(60))
    home.write('process', PROCESS)
    chmodSync(join(home.folder, 'process'), 0o700)
    report.count('profiles', PROFILES.length)

    for (const [round, calls] of [
      ['cold', COLD_CALLS],
      ['warm', {}],
    ] as const) {
      aws.reset({ delayMs: { sts: 300, sso: 300, 'sso-oidc': 300, signin: 300 } })
      const processes = random.shuffle(PROFILES.flatMap((profile) => Array(PROCESSES_PER_PROFILE).fill(profile)))
      await Promise.all(
        processes.map(async ({ name, signer }: TestProfile) => {
          const result = await home.run(['--profile', name], {}, 100_000)
          report.count('processes')
          report.max('longest (s)', result.seconds)
          report.expect(result.code === 0 && result.stderr === '', `${round}: ${name} fails`, result)
          if (result.code !== 0) return
          report.count(signerOf(result) === signer ? 'right identity' : 'wrong identity')
          report.expect(signerOf(result) === signer, `${round}: ${name} was signed by ${signerOf(result)}`)
        }),
      )
      const made: Record<string, number> = {}
      for (const { op } of aws.calls) made[op ?? ''] = (made[op ?? ''] ?? 0) + 1
      report.count(`${round} calls`, aws.calls.length)
      const sorted = Object.fromEntries(Object.entries(made).sort(([a], [b]) => (a < b ? -1 : 1)))
      report.expect(JSON.stringify(sorted) === JSON.stringify(calls), `${round}: expected calls`, { calls, sorted })
    }
    report.count(
      'runs of credential_process',
      readFileSync(join(home.folder, 'process-runs'), 'utf8').split('\n').length - 1,
    )
  })
  return undefined
}
