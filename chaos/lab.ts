import type { CertificateAuthority } from '../test/support/certificates.ts'
import { type LocalAws, startLocalAws } from '../test/support/local-aws.ts'
import { type AwsHome, createAwsHome, ROLE_A } from '../test/support/temporary-home.ts'
import type { Random } from './random.ts'
import type { Report } from './report.ts'

/** What a group of attacks gets. */
export interface Lab {
  readonly authority: CertificateAuthority
  readonly random: Random
  readonly report: Report
  /** How many commands there are: each gets its part of the attempts. */
  readonly commands: number
}

/** @returns the reason why the group was skipped, if it was */
export type Group = (lab: Lab) => Promise<string | undefined>

/** Arguments, and the access key id that must sign. */
export const IDENTITIES = [
  { args: ['--profile', 'role'], signer: 'ASIAROLEA00000000000' },
  { args: ['--profile', 'chain'], signer: 'ASIAROLEC00000000000' },
  { args: ['--profile', 'keys', '--role-arn', ROLE_A], signer: 'ASIAROLEA00000000000' },
  { args: ['--profile', 'web'], signer: 'ASIAROLEW00000000000' },
  { args: ['--profile', 'sso'], signer: 'ASIASSODEV0000000000' },
  { args: ['--profile', 'login'], signer: 'ASIALOGINREFRESHED00' },
] as const

/** A local AWS and a home, for the time of `use`. */
export async function withAwsHome(lab: Lab, use: (aws: LocalAws, home: AwsHome) => Promise<void>): Promise<void> {
  const aws = await startLocalAws({ authority: lab.authority })
  const home = createAwsHome(aws)
  try {
    await use(aws, home)
  } finally {
    home.remove()
    await aws.close()
  }
}

/** Runs the tasks, so many at a time. */
export async function inLanes<T>(lanes: number, items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  // The lanes take turns with one iterator.
  const lane = async (): Promise<void> => {
    for (const item of rest) await run(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

export const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
