/** The MFA device whose code is required to assume a role. The texts are safe to print. */
export interface MfaRequest {
  /** Serial number or ARN of the device. */
  readonly serial: string
  readonly roleArn: string
  /** undefined: the role of `--role-arn`. */
  readonly profile: string | undefined
}
