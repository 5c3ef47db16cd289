import { closestTypo } from '../../../closest-match.ts'
import { authProviderProblem } from '../../../kubernetes/auth-provider.ts'
import { tooLongForExec, userProblem } from '../../../kubernetes/config-problems.ts'
import type { Context } from '../../../kubernetes/context.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import { findCommand, isPath } from '../../../kubernetes/look-path.ts'
import { OWN_NAME, startablePath } from '../../../kubernetes/own-command.ts'
import { pluginPolicy } from '../../../kubernetes/plugin-policy.ts'
import { type StaticCredentials, staticCredentials } from '../../../kubernetes/user-credentials.ts'
import { isKeyPair } from '../../../net/tls.ts'
import { redactExecCommand, redactValue } from '../../../redact.ts'
import { mergeEnvironment } from '../../../runtime.ts'
import { convertExec } from '../convert-kubeconfig/convert-exec.ts'
import { UPDATE_REMEDY } from './check-kubeconfig.ts'
import { authenticate, unsafeServer } from './check-server.ts'
import { type DoctorContext, defineCheck, type Finding, fail, ok, warn } from './context.ts'
import { programName } from './wrappers.ts'

export const execCheck = defineCheck({
  id: 'exec',
  waitsFor: 'the API server',
  needs: ['kubeContext', 'isUsable'],
  remedy: UPDATE_REMEDY,
  run: async ({ kubeContext }, context) => {
    const { exec, user, userEntry } = kubeContext
    const { runtime, files } = context
    const problem = userProblem(user, files.isReadable)
    if (problem) return fail(`user "${userEntry}": ${problem.message}`, { remedy: problem.remedy })
    if (exec && user.authProvider) {
      return fail('the user has both auth-provider and an exec block, which kubectl rejects', {
        remedy: 'remove auth-provider',
      })
    }
    const provider = user.authProvider && authProviderProblem(user.authProvider, files.readText)
    if (provider) return fail(`user "${userEntry}": ${provider.message}`, { remedy: provider.remedy })
    const credentials = staticCredentials(user, runtime.readText, runtime.now())
    const malformed = exec && malformedExec(exec)
    if (malformed && credentials) {
      const artifacts = 'certificate' in credentials ? { staticCredentials: credentials } : {}
      return fail(malformed.message, { remedy: malformed.remedy, artifacts })
    }
    if (credentials && 'problem' in credentials) {
      return fail(credentials.problem, { remedy: `remove ${credentials.key} from the user` })
    }
    if (credentials && 'isRefreshed' in credentials) {
      return warn(
        `user "${userEntry}" has no exec block: kubectl requests a token from the issuer of auth-provider, and doctor does not`,
        { remedy: "run 'kubectl get --raw /version' to see whether the issuer still issues one" },
      )
    }
    if (credentials) return staticFinding(kubeContext, credentials, context)
    if (!exec) return fail(`user "${userEntry}" has no exec block: it has no credentials`)
    const invalid = malformed ?? notRunnable(kubeContext, exec, context)
    const env = mergeEnvironment(runtime.env, exec.env, runtime.processHost.platform)
    const artifacts = { exec, pluginRuntime: { ...runtime, env } }
    if (invalid) return fail(invalid.message, { remedy: invalid.remedy, artifacts })
    return ok(`${versionOf(exec)}, interactiveMode ${exec.interactiveMode}`, artifacts)
  },
})

/** Where kubectl sends other credentials, the exec block has no effect: the API server decides whether they are a problem. */
async function staticFinding(
  { exec, cluster, userEntry, user }: Context,
  credentials: StaticCredentials,
  context: DoctorContext,
): Promise<Finding> {
  const { key } = credentials
  const remedy = exec
    ? `remove ${key} from the user in the kubeconfig, so that kubectl runs the exec block`
    : UPDATE_REMEDY
  const message = exec
    ? `the user has both ${key} and an exec block: kubectl uses ${key}, and does not run the command`
    : `user "${userEntry}" has no exec block: it authenticates with ${key}`
  const { certificate } = credentials
  if (certificate && !isKeyPair(certificate)) {
    return fail('client-certificate and client-key of the user are not a PEM certificate and its private key', {
      remedy: exec ? 'remove client-certificate and client-key from the user in the kubeconfig' : UPDATE_REMEDY,
    })
  }
  const artifacts = { staticCredentials: credentials }
  const response = unsafeServer(cluster, context.options.sendToken)
    ? undefined
    : await authenticate(cluster, user, credentials, context)
  const isRejected = response && 'status' in response && response.status === 401
  if (isRejected) return fail(`${message}; the API server rejects it (401)`, { remedy })
  return warn(message, { remedy, artifacts })
}

function versionOf({ apiVersion }: ExecBlock): string | undefined {
  return /^client\.authentication\.k8s\.io\/(v1|v1beta1)$/.exec(apiVersion)?.[1]
}

interface Problem {
  readonly message: string
  readonly remedy?: string
}

/**
 * What kubectl rejects in an exec block, even one that it does not run because the user has other credentials.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuration
 */
function malformedExec(exec: ExecBlock): Problem | undefined {
  const { command, apiVersion, interactiveMode, envNames } = exec
  if (command === '') return { message: 'the exec block has no command' }
  if (versionOf(exec) === undefined) {
    const remedy = 'set apiVersion: client.authentication.k8s.io/v1beta1 in the exec block'
    if (apiVersion === '') return { message: 'the exec block has no apiVersion', remedy }
    return { message: `kubectl does not support apiVersion ${redactValue(apiVersion)} of the exec block`, remedy }
  }
  if (envNames.includes('')) {
    return {
      message: 'env of the exec block has a variable without a name, which kubectl rejects',
      remedy: 'name the variable, or remove it',
    }
  }
  if (interactiveMode === '') {
    const message = 'interactiveMode is missing; client.authentication.k8s.io/v1 requires it'
    return { message, remedy: 'add interactiveMode: IfAvailable to the exec block' }
  }
  if (!['Never', 'IfAvailable', 'Always'].includes(interactiveMode)) {
    return {
      message: `invalid interactiveMode: ${redactValue(interactiveMode)}`,
      remedy: 'use one of: Never, IfAvailable, Always',
    }
  }
  return undefined
}

/** Why kubectl does not start the command of an exec block that is well-formed. */
function notRunnable(
  kubeContext: Context,
  { interactiveMode }: ExecBlock,
  { runtime, files, terminal }: DoctorContext,
): Problem | undefined {
  if (interactiveMode === 'Always' && !terminal.stdin().isTerminal) {
    const message = 'interactiveMode is Always, and standard input is not a terminal: kubectl does not run the command'
    return { message, remedy: 'set interactiveMode: IfAvailable in the exec block' }
  }
  if (runtime.processHost.platform !== 'linux') return undefined
  const { caData, caFile } = kubeContext.cluster
  return tooLongForExec(kubeContext, caData ?? (caFile && files.readText(caFile)))
}

export const commandCheck = defineCheck({
  id: 'command',
  needs: ['exec'],
  remedy: 'install it, or set command: in the exec block to its absolute path',
  run: ({ exec }, context) => {
    const { runtime, files } = context
    const { command } = exec
    const { env, processHost } = runtime
    const found = findCommand(command, env, processHost.platform, files.isExecutable)
    if (found === undefined) {
      return fail(
        isPath(command, processHost.platform)
          ? `${redactExecCommand(command)} is not an executable file`
          : `${redactExecCommand(command)} was not found on PATH`,
        { remedy: missingCommandRemedy(exec, context) },
      )
    }
    if (found.isRelative) {
      return fail(
        `${redactExecCommand(command)} was found in a relative entry of PATH (${found.path}), which kubectl does not run`,
        {
          remedy: 'remove the relative entry from PATH, or set command: in the exec block to an absolute path',
        },
      )
    }
    const problem = files.startProblem(found.path)
    if (problem !== undefined) {
      const remedy = processHost.platform === 'win32' ? unstartableRemedy(exec, context) : undefined
      return fail(`${found.path} cannot be started: ${problem}`, { remedy })
    }
    return ok(found.path, { commandPath: found.path })
  },
})

const PLUGINS = [OWN_NAME, 'aws', 'aws-iam-authenticator', 'heptio-authenticator-aws']

/** Where this program can take the place of a command that is missing, nothing has to be installed. */
function missingCommandRemedy(exec: ExecBlock, { runtime, files }: DoctorContext): string | undefined {
  const { platform } = runtime.processHost
  const name = programName(exec.command, platform)
  if (name === OWN_NAME) {
    const path = startablePath(runtime, files.isExecutable)
    if (path === undefined) return "install the package with 'npm install -g', which creates a command on PATH"
    const remedy = `set command: in the exec block to ${redactValue(path)}, the path of this program`
    return isPath(exec.command, platform) ? remedy : `${remedy}, or add its directory to PATH`
  }
  const meant = PLUGINS.includes(name) ? undefined : closestTypo(name, PLUGINS)
  if (meant !== undefined) return `did you mean ${meant}? Correct command: in the exec block`
  const { after } =
    convertExec(
      exec,
      OWN_NAME,
      Object.entries(exec.env).map(([name, value]) => ({ name, value })),
    ) ?? {}
  if (!after) return undefined
  return `run 'eks-get-token convert-kubeconfig' to use this program instead of ${name}, or install ${name}`
}

/** A script on Windows. */
function unstartableRemedy(exec: ExecBlock, context: DoctorContext): string {
  const { runtime, files } = context
  const isOwn = programName(exec.command, runtime.processHost.platform) === OWN_NAME
  const path = isOwn ? startablePath(runtime, files.isExecutable) : undefined
  return path === undefined
    ? 'set command: in the exec block to the program that runs this file, and make the file the first entry in args:'
    : `set command: in the exec block to ${redactValue(path)}`
}

export const policyCheck = defineCheck({
  id: 'kuberc',
  needs: ['exec'],
  remedy: 'add the command to credentialPluginAllowlist in the kuberc file',
  run: ({ exec, commandPath }, { runtime }) => {
    const { allowed, reason } = pluginPolicy(exec.command, commandPath, runtime)
    return allowed ? ok(reason) : fail(reason)
  },
})
