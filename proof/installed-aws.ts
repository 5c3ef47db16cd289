import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type AwsPython, awsPythonEnvironment } from '../test/support/aws-arguments.ts'
import type { Outcome } from './npm-command.ts'
import { fromRoot } from './part.ts'

/** An AWS CLI that has been loaded once, and of which each run is a fork. */
export interface InstalledAws {
  readonly run: (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<Outcome>
  readonly end: () => void
}

/** @param home - the home directory of all runs: the AWS CLI reads it when it is loaded; also their current directory */
export async function startInstalledAws(python: AwsPython, home: string): Promise<InstalledAws> {
  const child = spawn(python.program, [fromRoot('proof/aws-cli.py')], {
    ...{ env: awsPythonEnvironment(python.packages, home), stdio: ['pipe', 'pipe', 'inherit'] },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  // It reads the config file of the home directory, which must not be that of a run.
  await lines.next()
  return {
    run: async (args, env) => {
      child.stdin.write(`${JSON.stringify({ args, env, cwd: home })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the process of the AWS CLI has ended')
      return JSON.parse(value) as Outcome
    },
    end: () => child.kill(),
  }
}
