/** What a person needs to know who is asked for the code of an MFA device. */
export interface CodeRequest {
  /** Of the device. */
  readonly serial: string
  readonly roleArn: string
  /** undefined: the role of `--role-arn`. */
  readonly profile: string | undefined
}
