/** The commands in the order of the help. Not part of their table, which every run loads. */
export const SUMMARIES = {
  'update-kubeconfig': 'add a cluster to the kubeconfig, or update it',
  login: 'sign in with IAM Identity Center or the AWS console, and show which logins are valid',
  logout: 'sign out, and remove the credentials cached for the login',
  inspect: 'show what a token contains and check it offline',
  verify: 'verify a token with STS, as an API server does',
  doctor: "diagnose 'Unauthorized' errors, from kubeconfig to API server",
  'convert-kubeconfig': 'convert kubeconfig users to this program, or undo the conversion',
  cache: 'list or clear cached credentials',
  completion: 'print a completion script for a shell',
} as const satisfies Readonly<Record<string, string>>
