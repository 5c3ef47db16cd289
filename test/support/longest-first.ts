import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Test files that wait for processes and deadlines most of their time: what starts last should not be one of them. */
const LONG =
  /\/(windows\/\w+|build|killed-writes|sso-\w+|auto-login|failures|pipes|mfa-prompt|concurrency|update-kubeconfig|doctor-agrees|cases|locks|name-server)\.test\.ts$/

/** Starts the long files first, the others as vitest does: those that took long in an earlier run, or are large. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
