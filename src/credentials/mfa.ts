/** The MFA device whose code is required to assume a role. The texts are safe to print. */
export interface MfaRequest {
  /** Serial number or ARN of the device. */
  readonly serial: string
  /** The role that is assumed. */
  readonly roleArn: string
  /** undefined: the role of the option `roleArn`. */
  readonly profile: string | undefined
}
