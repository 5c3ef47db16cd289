import { chmodSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AwsHome, createAwsHome, ROLE_A } from '../support/aws-home.ts'
import { eksGetToken, runCommand } from '../support/command.ts'

/** Around the number of files that Node itself opens; below it Node does not start. */
const LIMITS = [18, 19, 20, 21, 22, 23, 24, 25, 26]

let home: AwsHome
beforeEach(() => {
  home = createAwsHome({ port: 1, authority: { file: '/dev/null' } })
  home.write('process', '#!/bin/sh\necho "{}"\n')
  chmodSync(`${home.folder}/process`, 0o755)
})
afterEach(() => home.remove())

test.each([
  ['a credential_process', ['--cluster-name', 'demo', '--profile', 'process']],
  ['a role', ['--cluster-name', 'demo', '--profile', 'keys', '--role-arn', ROLE_A]],
  ['inspect', ['inspect', '--cluster-name', 'demo', '--profile', 'keys', '--output', 'yaml']],
])('the limit for open files is named, and never another identity used: %s', async (title, args) => {
  const results = await Promise.all(
    LIMITS.map((limit) =>
      runCommand(['/bin/sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...eksGetToken(), ...args], {
        env: { ...home.env, HTTPS_PROXY: '', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
        cwd: home.folder,
      }),
    ),
  )
  // Where Node itself cannot start, it says so in its own words.
  const started = results.filter(({ stderr, code }) => code === 0 || stderr.startsWith('eks-get-token: '))
  if (eksGetToken()[0] === process.execPath) expect(started).not.toEqual([])
  for (const { stderr } of started)
    expect(stderr).not.toMatch(/ERR_INTERNAL|ERR_NO_CREDENTIALS|ERR_PROFILE|EMFILE(?!\))/)
  const named = started.filter(({ stderr }) =>
    /was reached \(EMFILE\) \(ERR_OPEN_FILES\)\n {2}hint: raise the limit/.test(stderr),
  )
  if (title === 'a credential_process' && eksGetToken()[0] === process.execPath) expect(named).not.toEqual([])
})
