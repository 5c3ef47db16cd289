import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type LocalAws, startLocalAws } from '../local-aws.ts'
import { createWindowsHome, prepareWindows, windowsPath } from './machine.ts'

type WindowsHome = ReturnType<typeof createWindowsHome>

/** A local AWS for all tests, and for each of them a new home directory on drive C with this config file. */
export function useWindowsHome(config: string): { readonly aws: LocalAws; readonly home: WindowsHome } {
  let aws: LocalAws
  let home: WindowsHome
  beforeAll(async () => {
    prepareWindows()
    aws = await startLocalAws()
  }, 240_000)
  afterAll(async () => {
    await aws?.close()
  })
  beforeEach(() => {
    aws.reset()
    const proxy = `http://127.0.0.1:${aws.port}`
    home = createWindowsHome({ HTTPS_PROXY: proxy, AWS_CA_BUNDLE: windowsPath(aws.authority.file) })
    home.write('.aws/config', config)
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
