/**
 * Tokens for Amazon EKS, for the identity that the AWS CLI would use, or with given credentials. The functions print nothing,
 * show no prompt, and never end the process.
 *
 * @module eks-get-token
 */
export type { StsHost } from './aws/sts-host.ts'
export type { Sourced } from './config/settings.ts'
export type { CredentialProvider, StaticCredentials } from './credentials/credentials.ts'
export type { MfaRequest } from './credentials/mfa.ts'
export { EksTokenError, type ErrorCode, isEksTokenError } from './errors.ts'
export type { ExecCredential } from './kubernetes/exec-credential.ts'
export type { AbortSignalLike, CreateTokenOptions, IdentityOptions } from './library/options.ts'
export {
  checkToken,
  createToken,
  type DecodedToken,
  decodeToken,
  type Plan,
  type ResolvedIdentity,
  resolveIdentity,
  type Token,
  toExecCredential,
  verifyToken,
} from './library/tokens.ts'
export { type Environment, type ProcessHost, processRuntime, type Runtime } from './runtime.ts'
export type { Inspection } from './token/verify/inspection.ts'
export type { Refusal } from './token/verify/refusals.ts'
export type { RuleResult } from './token/verify/rule.ts'
export type { Identity, StsVerdict } from './token/verify/verdict.ts'
export type { Verification } from './token/verify/verify-token.ts'
