import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts'
import { type LocalAws, startLocalAws } from './local-aws.ts'
import { type AwsHome, createAwsHome } from './temporary-home.ts'

export * from './temporary-home.ts'

/** A local AWS for all tests of a file, and a fresh home for each of them. */
export function useAwsHome(): { readonly aws: LocalAws; readonly home: AwsHome } {
  let authority: CertificateAuthority
  let aws: LocalAws
  let home: AwsHome
  beforeAll(async () => {
    authority = await createCertificateAuthority()
    aws = await startLocalAws({ authority })
  })
  afterAll(async () => {
    await aws.close()
    authority.close()
  })
  beforeEach(() => {
    aws.reset()
    home = createAwsHome(aws, authority.file)
  })
  afterEach(() => home.remove())
  return {
    get aws() {
      return aws
    },
    get home() {
      return home
    },
  }
}
