/** `version` of package.json, which the build and the test set-up put in the place of this name. */
declare const EKS_GET_TOKEN_VERSION: string

export const VERSION: string = EKS_GET_TOKEN_VERSION
