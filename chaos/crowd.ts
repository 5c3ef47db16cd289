import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessKeyIdFor } from '../test/support/local-aws/temporary-credentials.ts'
import { awsLogin, LOGIN_SESSION, signerOf, ssoLogin } from '../test/support/temporary-home.ts'
import { type Group, withAwsHome } from './lab.ts'

const PROCESSES_PER_PROFILE = 5
const ROLE = 'arn:aws:iam::123456789012:role'

interface Profile {
  readonly name: string
  readonly section: string
  readonly signer: string
}

const role = (letter: string): Profile => ({
  name: `role-${letter}`,
  section: `role_arn = ${ROLE}/role-${letter}\nsource_profile = keys\n`,
  signer: accessKeyIdFor(`role-${letter}`),
})
const chain = (letter: string, source: string): Profile => ({
  name: `chain-${letter}`,
  section: `role_arn = ${ROLE}/chain-${letter}\nsource_profile = ${source}\n`,
  signer: accessKeyIdFor(`chain-${letter}`),
})
const web = (letter: string): Profile => ({
  name: `web-${letter}`,
  section: `role_arn = ${ROLE}/web-${letter}\nweb_identity_token_file = {{HOME}}/web-token\n`,
  signer: accessKeyIdFor(`web-${letter}`),
})
const sso = (letter: string): Profile => ({
  name: `sso-${letter}`,
  section: `sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Role${letter}\n`,
  signer: accessKeyIdFor(`ssoRole${letter}`),
})
const credentialProcess = (letter: string): Profile => ({
  name: `process-${letter}`,
  section: `credential_process = {{HOME}}/process AKIDPROCESS${letter}\n`,
  signer: `AKIDPROCESS${letter}`,
})

const PROFILES: readonly Profile[] = [
  {
    name: 'keys',
    section: 'aws_access_key_id = AKIDKEYS\naws_secret_access_key = secret-of-AKIDKEYS\n',
    signer: 'AKIDKEYS',
  },
  ...['a', 'b', 'c', 'd', 'e', 'f'].map(role),
  chain('x', 'role-a'),
  chain('y', 'role-b'),
  ...['G', 'H', 'I', 'J', 'K'].map(sso),
  { name: 'login', section: `login_session = ${LOGIN_SESSION}\n`, signer: 'ASIALOGINREFRESHED00' },
  ...['u', 'v'].map(web),
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
    const sections = PROFILES.map(({ name, section }) => `[profile ${name}]\n${section}`).join('')
    const session = '[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n'
    home.write('.aws/config', `${sections}${session}`.replaceAll('{{HOME}}', home.folder))
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
        processes.map(async ({ name, signer }: Profile) => {
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
