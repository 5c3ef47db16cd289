import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attempt } from '../../src/errors.ts'
import { type CommandResult, eksGetToken, runEksGetToken } from './command.ts'
import { runInProcess } from './in-process.ts'
import { isoSeconds } from './local-aws/temporary-credentials.ts'
import { removeFolder } from './remove-folder.ts'

/** A home directory with profiles of every kind, and an environment that reaches only the local AWS. */
export interface AwsHome {
  readonly folder: string
  readonly env: Record<string, string>
  /** Writes a file in the home directory. */
  readonly write: (name: string, text: string) => void
  /** All files in the home directory, by their relative path. */
  readonly files: () => Map<string, string>
  /** Runs get-token for the cluster "demo". */
  readonly run: (args: readonly string[], env?: Record<string, string>, timeoutMs?: number) => Promise<CommandResult>
  /** The same in the process of the test, for tables. */
  readonly runInProcess: AwsHome['run']
  /** Starts get-token for the cluster "demo", without its output, and does not wait for its end. */
  readonly start: (args: readonly string[]) => ChildProcess
  readonly remove: () => void
}

export const ROLE_A = 'arn:aws:iam::123456789012:role/role-a'
export const LOGIN_SESSION = 'arn:aws:iam::123456789012:user/Alice'

const CONFIG = `[profile keys]
aws_access_key_id = AKIDKEYS
aws_secret_access_key = secret-of-AKIDKEYS
[profile role]
role_arn = ${ROLE_A}
source_profile = keys
[profile chain]
role_arn = arn:aws:iam::123456789012:role/role-c
source_profile = role
[profile mfa]
role_arn = ${ROLE_A}
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile web]
role_arn = arn:aws:iam::123456789012:role/role-w
web_identity_token_file = {{HOME}}/web-token
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Dev
[profile sso2]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Ops
[profile legacy]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Old
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://example.awsapps.com/start
[profile login]
login_session = ${LOGIN_SESSION}
[profile process]
credential_process = {{HOME}}/process
`

export function createAwsHome(aws: { readonly port: number; readonly authority: { readonly file: string } }): AwsHome {
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-home-'))
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-west-2',
    HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
    AWS_CA_BUNDLE: aws.authority.file,
  }
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  write('.aws/config', CONFIG.replaceAll('{{HOME}}', folder))
  write('web-token', 'WEBIDENTITYTOKENEXAMPLE')
  return {
    folder,
    env,
    write,
    files: () => {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      const paths = entries.map((entry) => join(entry.parentPath, entry.name))
      // A browser may still be renaming one that it has written.
      return new Map(
        paths.flatMap((path) => {
          const text = attempt(() => readFileSync(path, 'utf8'))
          return text === undefined ? [] : [[path.slice(folder.length + 1), text]]
        }),
      )
    },
    run: (args, more = {}, timeoutMs = 60_000) =>
      runEksGetToken(['--cluster-name', 'demo', ...args], { env: { ...env, ...more }, cwd: folder, timeoutMs }),
    runInProcess: (args, more = {}, timeoutMs = 60_000) =>
      runInProcess(['--cluster-name', 'demo', ...args], { env: { ...env, ...more }, cwd: folder, timeoutMs }),
    start: (args) => {
      const [program, ...words] = eksGetToken()
      return spawn(program, [...words, '--cluster-name', 'demo', ...args], { env, cwd: folder, stdio: 'ignore' })
    },
    remove: () => removeFolder(folder),
  }
}

/** The login file of `aws sso login`, with the remaining lifetime of its access token in seconds. */
export function ssoLogin(session: string, seconds: number, more: Record<string, string> = {}): [string, string] {
  const content = {
    startUrl: 'https://example.awsapps.com/start',
    region: 'eu-west-1',
    accessToken: 'BEARERTOKENEXAMPLE',
    expiresAt: isoSeconds(Date.now() + seconds * 1000),
    clientId: 'cid',
    clientSecret: 'CLIENTSECRETEXAMPLE',
    registrationExpiresAt: isoSeconds(Date.now() + 86_400_000),
    refreshToken: 'REFRESHTOKENEXAMPLE',
    ...more,
  }
  return [`.aws/sso/cache/${createHash('sha1').update(session).digest('hex')}.json`, JSON.stringify(content)]
}

/** An example P-256 key. */
const DPOP_KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49
AwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t
djiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==
-----END EC PRIVATE KEY-----
`

/** The login file of `aws login`, with the remaining lifetime of its credentials in seconds. */
export function awsLogin(seconds: number, refreshToken = 'LOGINREFRESHTOKENEXAMPLE'): [string, string] {
  const content = {
    accessToken: {
      accessKeyId: 'ASIALOGIN',
      secretAccessKey: 'secret-of-ASIALOGIN',
      sessionToken: 'LOGINSESSIONTOKEN',
      accountId: '123456789012',
      expiresAt: isoSeconds(Date.now() + seconds * 1000),
    },
    tokenType: 'aws_sigv4',
    refreshToken,
    clientId: 'arn:aws:signin:::devtools/same-device',
    dpopKey: DPOP_KEY,
  }
  return [`.aws/login/cache/${createHash('sha256').update(LOGIN_SESSION).digest('hex')}.json`, JSON.stringify(content)]
}

/** The access key id that signed the token on stdout. */
export function signerOf({ stdout }: Pick<CommandResult, 'stdout'>): string | undefined {
  const { status } = JSON.parse(stdout) as { status: { token: string } }
  const url = Buffer.from(status.token.slice('k8s-aws-v1.'.length), 'base64url').toString()
  return /Credential=([^%]+)/.exec(url)?.[1]
}
