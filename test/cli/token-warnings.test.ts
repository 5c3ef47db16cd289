import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { keys } from '../support/runtime.ts'
import { onTerminal, SCRIPT } from '../support/screens.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-warnings-'))
  mkdirSync(join(home, '.aws'))
  writeFileSync(join(home, '.aws/config'), '[profile zone]\nregion = us-west-2a\n')
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const environment = (more: Readonly<Record<string, string>>) => ({
  PATH: '/usr/bin:/bin',
  HOME: home,
  AWS_EC2_METADATA_DISABLED: 'true',
  ...keys('AKIDEXAMPLE'),
  ...more,
})

interface Names {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const region = (name: string): Names => ({ env: { AWS_REGION: name } })
const clusterArn = 'arn:aws:eks:eu-west-1:111122223333:cluster/demo'
const ROWS: readonly (readonly [title: string, names: Names, warning: string])[] = [
  ['a zone in a variable', region('us-west-2a'), "'us-west-2a' (AWS_REGION) is not a region"],
  ['a zone in the older variable', { env: { AWS_DEFAULT_REGION: 'us-west-2a' } }, '(AWS_DEFAULT_REGION) is not a'],
  ['a zone in an option', { args: ['--region', 'us-west-2a'] }, "'us-west-2a' (--region) is not a region"],
  ['a zone in a profile', { env: { AWS_PROFILE: 'zone' } }, '(region of profile zone) is not a region'],
  ['a zone', region('us-west-2a'), 'did you mean us-west-2?'],
  ['a local zone', region('us-west-2-lax-1a'), 'did you mean us-west-2?'],
  ['the id of a zone', region('usw2-az1'), 'did you mean us-west-2?'],
  ['a missing hyphen', region('us-west2'), 'did you mean us-west-2?'],
  ['another missing hyphen', region('uswest-2'), 'did you mean us-west-2?'],
  ['no hyphen', region('uswest2'), 'did you mean us-west-2?'],
  ['upper case', region('US-WEST-2'), 'did you mean us-west-2?'],
  ['swapped letters', region('us-wset-2'), 'did you mean us-west-2?'],
  ['a missing letter', region('eu-centrl-1'), 'did you mean eu-central-1?'],
  ['a place', region('frankfurt'), "'frankfurt' (AWS_REGION) is not a region"],
  ['an ARN', { args: ['--cluster-name', clusterArn] }, 'use --cluster-name demo --region eu-west-1'],
  ['part of an ARN', { args: ['--cluster-name', 'arn:aws:eks'] }, 'use the name of the cluster'],
]
const words = ({ args = [] }: Names) => [
  ...(args.includes('--cluster-name') ? [] : ['--cluster-name', 'demo']),
  ...args,
]
const withRegion = ({ args = [], env = {} }: Names): Record<string, string> =>
  args.includes('--region') || Object.keys(env).length > 0 ? { ...env } : { AWS_REGION: 'eu-west-1' }

describe(
  'at a terminal, a name that no API server accepts is a warning before the token',
  skipUnlessAvailable(SCRIPT === undefined ? "no 'script' of util-linux" : undefined),
  () => {
    test.each(ROWS)('%s', async (_title, names, warning) => {
      const { code, screen } = await onTerminal([...eksGetToken(), ...words(names)], {
        env: environment(withRegion(names)),
        cwd: home,
      })
      expect(code).toBe(0)
      expect(screen).toMatch(/^warning: [^\n]*\n\{\n {4}"kind": "ExecCredential"/)
      expect(screen.split('\n')[0]).toContain(warning)
    })
    test.each(['us-west-2', 'us-gov-west-1', 'cn-northwest-1', 'eusc-de-east-1', 'aws-global', 'eu-west-99'])(
      'no warning for the region %s, which exists or may be newer than the program',
      async (name) => {
        const { screen } = await onTerminal([...eksGetToken(), '--cluster-name', 'demo'], {
          env: environment({ AWS_REGION: name }),
          cwd: home,
        })
        expect(screen).toMatch(/^\{\n/)
      },
    )
    test.each(ROWS)('nothing for a client that has set exec info: %s', async (_title, names) => {
      const execInfo = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        spec: { interactive: true },
      }
      const { code, screen } = await onTerminal([...eksGetToken(), ...words(names)], {
        env: environment({ ...withRegion(names), KUBERNETES_EXEC_INFO: JSON.stringify(execInfo) }),
        cwd: home,
      })
      expect(code).toBe(0)
      expect(screen).toMatch(/^\{\n/)
    })
  },
)

test.each(ROWS)('stderr is empty where it is not a terminal: %s', async (_title, names) => {
  const { code, stdout, stderr } = await runInProcess(words(names), {
    env: environment(withRegion(names)),
    cwd: home,
  })
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout).kind).toBe('ExecCredential')
})
