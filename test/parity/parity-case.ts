import { rm } from 'node:fs/promises'
import type { CertificateAuthority } from '../support/certificates.ts'
import { runEksGetToken } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import type { Environment, ParityCase, Step } from './case.ts'
import { differences } from './comparison.ts'
import { changeFiles, createHome, readCaches, writeFiles } from './home.ts'
import { type Observation, observe } from './observation.ts'
import { expand, type Surroundings } from './placeholders.ts'

/** A wait of the AWS CLI's length with all of its retries fits in. */
export const RUN_TIMEOUT_MS = 90_000

/**
 * Runs a case and its further steps in a home and against a local AWS of its own, so that cases can run side by side.
 *
 * @param onHandOver - called for a run of a front without its full program that needs it; default: that is a difference
 * @returns every difference from what is expected, as a line; none means passed
 */
export async function runParityCase(
  parityCase: ParityCase,
  authority: CertificateAuthority,
  onHandOver?: () => void,
): Promise<string[]> {
  const linkLocal = parityCase.needs.includes('netns')
  const localAws = await startLocalAws({ authority, linkLocal })
  const home = await createHome()
  const { port, tlsPort } = localAws
  const surroundings = { home, port, tlsPort, caFile: authority.file }
  const expandHere = (template: string) => expand(template, surroundings)
  const steps: Step[] = [{ expect: parityCase.expect }, ...(parityCase.then ?? [])]
  const found: string[] = []
  try {
    await writeFiles(home, parityCase.files, expandHere)
    for (const [index, step] of steps.entries()) {
      await changeFiles(home, step, expandHere)
      const observation = await run(parityCase, step, localAws, surroundings)
      if (onHandOver && isHandedOver(observation)) {
        onHandOver()
        // Further steps need what this one would have left.
        break
      }
      found.push(
        ...check(parityCase, step, observation).map((line) => (index === 0 ? line : `run ${index + 1}: ${line}`)),
      )
    }
    return found
  } finally {
    await localAws.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** Nothing but the error: no output, and no request. */
function isHandedOver({ exit, stdout, stderr, calls }: Observation): boolean {
  return exit === 255 && stdout === '' && calls.length === 0 && stderr.includes('(ERR_FULL_PROGRAM)\n')
}

async function run(parityCase: ParityCase, step: Step, localAws: LocalAws, surroundings: Surroundings) {
  const { home } = surroundings
  localAws.reset(parityCase.mock)
  const startedAt = Date.now()
  // A program that the command starts may inherit its stdin.
  const start = parityCase.stdin === undefined ? runInProcess : runEksGetToken
  const result = await start(
    (step.argv ?? parityCase.argv).map((word) => expand(word, surroundings)),
    {
      env: environment({ ...parityCase.env, ...step.env }, surroundings),
      cwd: home,
      stdin: parityCase.stdin === undefined ? 'ignore' : { text: parityCase.stdin },
      timeoutMs: parityCase.timeout ?? RUN_TIMEOUT_MS,
    },
  )
  const filesAfter = await readCaches(home)
  return observe(result, { startedAt, calls: localAws.calls, filesAfter }, parityCase, surroundings)
}

function environment(ofCase: Environment, surroundings: Surroundings): Record<string, string> {
  const base: Environment = {
    PATH: '/usr/bin:/bin',
    HOME: surroundings.home,
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_DISABLED: 'true',
    HTTPS_PROXY: `http://127.0.0.1:${surroundings.port}`,
    AWS_CA_BUNDLE: surroundings.caFile,
  }
  const variables = Object.entries({ ...base, ...ofCase }).flatMap(([name, value]) =>
    value === null ? [] : [[name, expand(value, surroundings)] as const],
  )
  return Object.fromEntries(variables)
}

function check(parityCase: ParityCase, step: Step, observation: Observation): string[] {
  if (step.expect === undefined) return []
  const found = differences(step.expect, observation, {
    warns: parityCase.warns === true || (step.argv ?? parityCase.argv).includes('--debug'),
    shortCredentials: parityCase.shortCredentials,
  })
  // An exit code says little; the program's own words say why.
  return found.length === 0 ? [] : [...found, `stderr: ${observation.stderr.trim().slice(0, 600)}`]
}
