import { closestTypo } from '../../closest-match.ts'
import type { Settings } from '../../config/settings.ts'
import { EksTokenError } from '../../errors.ts'
import { describeFile } from '../../file-problem.ts'
import { redactValue } from '../../redact.ts'
import { homeVariable, type Runtime } from '../../runtime.ts'
import { shownPath } from '../../shown-path.ts'
import type { Clue } from './clue.ts'
import { environmentClues } from './environment-clues.ts'
import { otherProfileClues, profileClues, selectedLoginCommand } from './profile-clues.ts'

/**
 * The error for a run without any credentials: it lists what is incomplete, the likeliest cause first, and its hint is
 * about that.
 *
 * @param why - the sources without credentials, in words
 */
export function missingCredentials(
  why: string,
  { settings, runtime }: { readonly settings: Settings; readonly runtime: Runtime },
): EksTokenError {
  const usesEnvironment = !settings.profile.isExplicit
  const clues = [
    ...(usesEnvironment ? [...environmentClues(runtime), ...webIdentityClues(runtime)] : []),
    ...profileClues(settings),
    ...fileClues(settings, runtime),
    ...(usesEnvironment ? misspelledVariables(runtime) : []),
    ...containerClues(runtime),
    ...otherProfileClues(settings, runtime),
    ...(usesEnvironment ? [] : shadowedEnvironment(runtime)),
    ...disabledMetadata(settings, runtime),
  ]
  const [first] = clues
  const reason = [...clues.map(({ fact }) => fact), why].join('; ')
  const message = `Unable to locate credentials: ${reason}`
  return new EksTokenError('ERR_NO_CREDENTIALS', message, first && { remedy: first.remedy })
}

function webIdentityClues({ env }: Runtime): Clue[] {
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file } = env
  if (file === '') {
    return [
      {
        fact: 'AWS_WEB_IDENTITY_TOKEN_FILE is set, but empty',
        remedy: 'set AWS_WEB_IDENTITY_TOKEN_FILE to the path of a file with the token',
      },
    ]
  }
  if (!role || file !== undefined) return []
  return [
    {
      fact: 'AWS_ROLE_ARN is set, but AWS_WEB_IDENTITY_TOKEN_FILE is not',
      remedy:
        'set AWS_WEB_IDENTITY_TOKEN_FILE to the path of a file with an OIDC token (in a pod: check the annotation of its ' +
        'service account, and restart the pod); to assume the role with other credentials, use --role-arn',
    },
  ]
}

/** The files that a variable names and that do not exist, and those that cannot be read. */
function fileClues({ files, profile }: Settings, runtime: Runtime): Clue[] {
  const { env } = runtime
  const named = [
    ['AWS_CONFIG_FILE', files.configPath],
    ['AWS_SHARED_CREDENTIALS_FILE', files.credentialsPath],
    ['BOTO_CONFIG', env.BOTO_CONFIG ?? ''],
  ] as const
  const clues = named.flatMap(([variable, path]): Clue[] => {
    if (path === '') return []
    const problem = describeFile(path, runtime)
    const isNamed = env[variable] !== undefined
    if (problem === undefined || (!isNamed && (problem === 'does not exist' || problem === 'is empty'))) return []
    const source = isNamed ? ` (${variable})` : ''
    return [
      {
        fact: `${shownPath(path)}${source} ${problem}`,
        remedy: isNamed
          ? `set ${variable} to the file with profile ${redactValue(profile.name)}, or unset it`
          : problem === 'is a directory'
            ? `replace ${shownPath(path)} with a file`
            : `make ${shownPath(path)} readable by this user`,
      },
    ]
  })
  if (runtime.homeDirectory() !== undefined || env.AWS_SHARED_CREDENTIALS_FILE !== undefined) return clues
  const home = homeVariable(runtime.processHost)
  const remedy = `set ${home}, or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE`
  return [...clues, { fact: `${home} is not set`, remedy }]
}

/** The variables that select credentials. */
const VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
]
/** Variables of the AWS CLI for other purposes, whose names are as similar as those of a typing error. */
const SIMILAR_VARIABLES = ['AWS_DEFAULT_REGION', 'AWS_DEFAULTS_MODE', 'AWS_SECURITY_TOKEN']
/** Names that other tools, and older ones, use. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY: 'AWS_ACCESS_KEY_ID',
  AWS_SECRET_KEY: 'AWS_SECRET_ACCESS_KEY',
  AWS_CREDENTIALS_FILE: 'AWS_SHARED_CREDENTIALS_FILE',
}

function misspelledVariables({ env, processHost }: Runtime): Clue[] {
  return Object.keys(env).flatMap((name): Clue[] => {
    const upper = name.toUpperCase()
    if (!env[name] || !upper.startsWith('AWS_') || upper.length > 40 || SIMILAR_VARIABLES.includes(upper)) return []
    const isKnown = VARIABLES.includes(upper) && (name === upper || processHost.platform === 'win32')
    const meant = isKnown ? undefined : (OTHER_NAMES[name] ?? closestTypo(upper, VARIABLES))
    if (meant === undefined || env[meant]) return []
    return [{ fact: `the variable ${redactValue(name)} is not recognized`, remedy: `did you mean ${meant}?` }]
  })
}

function containerClues({ env }: Runtime): Clue[] {
  const names = ['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'].filter(
    (name) => env[name] !== undefined,
  )
  if (names.length === 0) return []
  return [
    {
      fact: `${names.join(' and ')} is set, but AWS_CONTAINER_CREDENTIALS_FULL_URI is not`,
      remedy: 'set AWS_CONTAINER_CREDENTIALS_FULL_URI to the URL of the credentials',
    },
  ]
}

function shadowedEnvironment({ env }: Runtime): Clue[] {
  if (!env.AWS_ACCESS_KEY_ID && !env.AWS_WEB_IDENTITY_TOKEN_FILE) return []
  const name = env.AWS_ACCESS_KEY_ID ? 'AWS_ACCESS_KEY_ID' : 'AWS_WEB_IDENTITY_TOKEN_FILE'
  return [
    {
      fact: `--profile takes precedence over the credentials in the environment (${name})`,
      remedy: 'omit --profile to use them',
    },
  ]
}

function disabledMetadata({ instanceMetadata, profile }: Settings, runtime: Runtime): Clue[] {
  if (!instanceMetadata.disabled) return []
  return [
    {
      fact: 'instance metadata is disabled (AWS_EC2_METADATA_DISABLED)',
      remedy:
        `sign in with '${selectedLoginCommand(profile, runtime)}', set AWS_ACCESS_KEY_ID and ` +
        'AWS_SECRET_ACCESS_KEY, or, on an EC2 instance with a role, unset AWS_EC2_METADATA_DISABLED',
    },
  ]
}
