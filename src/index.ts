export type { CredentialProvider, StaticCredentials } from './credentials/credentials.ts'
export type { MfaRequest } from './credentials/mfa.ts'
export type { Plan } from './credentials/sources/registry.ts'
export { EksTokenError, type ErrorCode, isEksTokenError } from './errors.ts'
export type { ExecCredential } from './kubernetes/exec-credential.ts'
export type { AbortSignalLike, CreateTokenOptions, IdentityOptions } from './library/options.ts'
export {
  checkToken,
  createToken,
  type DecodedToken,
  decodeToken,
  type ResolvedIdentity,
  resolveIdentity,
  type Token,
  toExecCredential,
  verifyToken,
} from './library/tokens.ts'
export { type ProcessHost, processRuntime, type Runtime } from './runtime.ts'
export type { Inspection } from './token/verify/inspection.ts'
export type { Identity, StsVerdict } from './token/verify/verdict.ts'
export type { Verification } from './token/verify/verify-token.ts'
