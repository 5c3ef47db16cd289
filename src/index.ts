export type { Sourced } from './config/settings.ts'
export {
  createToken,
  type ResolvedCredentials,
  resolveCredentials,
  resolveSettings,
  type Token,
  type TokenOptions,
} from './create-token.ts'
export type { MfaRequest } from './credentials/mfa.ts'
export type { Plan } from './credentials/sources/registry.ts'
export { EksTokenError, type ErrorCode, isEksTokenError } from './errors.ts'
export { type ExecCredential, toExecCredential } from './kubernetes/exec-credential.ts'
export { type ProcessHost, processRuntime, type Runtime } from './runtime.ts'
