import { KNOWN_REGIONS } from '../../../aws/regions.ts'
import { readSharedFiles } from '../../../config/profiles.ts'
import { attempt, EksTokenError } from '../../../errors.ts'
import { parseClusterEntry } from '../../../kubernetes/context.ts'
import { kubeconfigPaths, readKubeconfig } from '../../../kubernetes/kubeconfig/read.ts'
import type { Runtime } from '../../../runtime.ts'
import { defineCommand } from '../../subcommand.ts'
import { candidatesFor, type ValueSources } from './candidates.ts'
import { SCRIPTS, type Shell } from './scripts.ts'
import { commandSyntax } from './syntax.ts'

const SHELLS = Object.keys(SCRIPTS) as Shell[]
/** For the scripts, and for the build. */
const CANDIDATES = 'candidates'
const MAN = 'man'

/** Prints the completion script of a shell; the scripts call it with `candidates`. */
export const COMMAND = defineCommand({
  usage: `${SHELLS.join('|')}`,
  description:
    'Print a script that completes eks-get-token command lines in a shell: commands, options, and option values such as ' +
    'profiles, contexts, clusters and regions. Completion makes no network calls and uses no credentials.',
  optionGroups: ['general'],
  maxPositionals: Number.POSITIVE_INFINITY,
  choices: SHELLS,
  internalChoices: [CANDIDATES, MAN],
  footer: `
Examples:
  # bash, in ~/.bashrc
  eval "$(eks-get-token completion bash)"
  # zsh, in ~/.zshrc
  source <(eks-get-token completion zsh)
  # fish, once
  eks-get-token completion fish > ~/.config/fish/completions/eks-get-token.fish
  # PowerShell, in $PROFILE
  eks-get-token completion powershell | Out-String | Invoke-Expression
`,
  exitCodes: {},
  run: async ({ positionals, commands }, runtime, terminal) => {
    const [shell, ...words] = positionals
    if (shell === CANDIDATES) {
      const candidates = candidatesFor(words, await commandSyntax(commands), valueSources(runtime))
      for (const { value, description = '' } of candidates) terminal.out(`${value}\t${description}\n`)
      return 0
    }
    if (shell === MAN) {
      const { manPage } = await import('./man-page.ts')
      terminal.out(await manPage(commands))
      return 0
    }
    const script = SCRIPTS[shell as Shell]
    if (Object.hasOwn(SCRIPTS, shell ?? '') && words.length === 0) {
      terminal.out(script)
      return 0
    }
    const message = shell === undefined ? 'no shell is specified' : `too many arguments: expected only ${shell}`
    throw new EksTokenError('ERR_USAGE', message, { remedy: `use one of: ${SHELLS.join(', ')}` })
  },
})

/** A pipe without data must not block the shell. */
const PIPE_SECONDS = 1

/** A file that cannot be read offers nothing: a completion does not print errors. */
function valueSources(processRuntime: Runtime): ValueSources {
  const runtime = { ...processRuntime, readText: (path: string) => processRuntime.readText(path, PIPE_SECONDS) }
  const files = () => attempt(() => readSharedFiles(runtime))
  const readBytes = (path: string) => {
    const text = runtime.readText(path)
    return text === undefined ? undefined : Buffer.from(text)
  }
  const kubeconfig = () => attempt(() => readKubeconfig(kubeconfigPaths(undefined, runtime), readBytes))
  return {
    profiles: () => {
      const { configProfiles, credentialsProfiles } = files() ?? {}
      return [...(configProfiles?.keys() ?? []), ...(credentialsProfiles?.keys() ?? [])]
    },
    ssoSessions: () => [...(files()?.ssoSessions.keys() ?? [])],
    regions: () => KNOWN_REGIONS,
    contexts: () => [...(kubeconfig()?.contexts.keys() ?? [])],
    clusters: () => [...(kubeconfig()?.clusters.keys() ?? [])].map((entry) => parseClusterEntry(entry)?.name ?? entry),
  }
}
