import { EksTokenError } from '../errors.ts'

/** Options of the command line, by the options of the library that correspond to them. */
const OPTIONS: Readonly<Record<string, string>> = {
  '--cluster-name': 'clusterName',
  '--cluster-id': 'clusterId',
  '--profile': 'profile',
  '--region': 'region',
  '--role-arn': 'roleArn',
  '--external-id': 'externalId',
  '--role-session-name': 'roleSessionName',
  '--duration-seconds': 'durationSeconds',
  '--mfa-serial': 'mfaSerial',
  '--cli-connect-timeout': 'connectTimeoutSeconds',
  '--cli-read-timeout': 'readTimeoutSeconds',
  '--timeout': 'timeoutSeconds',
  '--no-cache': 'useCache: false',
}

/** Hints that only make sense for the command. */
const COMMAND_HINT = /'eks-get-token --help'/

/** The same error for a caller of the library: its text names the library's options, but leaves commands in quotes alone. */
export function inWordsOfLibrary(error: EksTokenError): EksTokenError {
  const translate = (text: string): string =>
    text
      .split(/('[^']*')/)
      .map((part, index) => (index % 2 === 1 ? part : part.replace(OPTION, (word, name) => OPTIONS[name] ?? word)))
      .join('')
  const { code, message, remedy = '', cause } = error
  const isForCommand = COMMAND_HINT.test(remedy)
  return new EksTokenError(code, translate(message), {
    cause,
    remedy: isForCommand ? 'see the options in the documentation of the function' : translate(remedy),
  })
}

/** With the placeholder of a value: `--timeout SECONDS`. */
const OPTION = /(--[a-z][a-z-]*[a-z])(?: [A-Z]+\b)?/g
