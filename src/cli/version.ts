import type { Runtime } from '../runtime.ts'

/** `version` of package.json, which the build and the test set-up put in the place of this name. */
declare const EKS_GET_TOKEN_VERSION: string

export const VERSION: string = EKS_GET_TOKEN_VERSION

/** `eks-get-token/1.2.3 node/20.20.2`: which program runs, of those that an installation may have. */
export function versionText({ processHost }: Runtime): string {
  return `eks-get-token/${VERSION} ${processHost.program()}`
}
