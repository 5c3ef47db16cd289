import { EksTokenError } from '../../../errors.ts'
import { asList, field, textField } from '../../../json.ts'
import { changeFile, removeLeftovers } from '../../../kubernetes/kubeconfig/change-file.ts'
import { missingKubeconfig } from '../../../kubernetes/kubeconfig/read.ts'
import { candidatePaths, type KubeconfigFile, readKubeconfigFile } from '../../../kubernetes/kubeconfig/target.ts'
import { ownCommand } from '../../../kubernetes/own-command.ts'
import { redactExecCommand, redactValue, sanitizeLine } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import { setsFlag, setsText } from '../../args/option.ts'
import { printableLines } from '../../output/printable-lines.ts'
import { defineCommand, type ParsedCommand } from '../../subcommand.ts'
import type { Terminal } from '../../terminal.ts'
import type { UserResult } from './convert-exec.ts'
import { kuberc } from './kuberc.ts'
import { maskSecrets, showMasks } from './mask-secrets.ts'
import { type ConversionPlan, conversion, restoration } from './plan.ts'
import { SHARED_USER } from './share.ts'
import { unifiedDiff } from './unified-diff.ts'

interface ConvertOptions {
  /** Names of contexts; empty: all users. */
  contexts: readonly string[]
  kubeconfig?: string
  dryRun: boolean
  restore: boolean
  absolutePath: boolean
  printKuberc: boolean
  sharedUser: boolean
}

const option = { level: 'own', origin: 'own' } as const

/** Converts the users of kubeconfigs to this program, and back. */
export const COMMAND = defineCommand<ConvertOptions>({
  usage: '[options]',
  description:
    "Change the users of a kubeconfig that run 'aws eks get-token' or 'aws-iam-authenticator token' so that they run this " +
    'program, with the same identity. The rest of the file is not changed, and --restore undoes it.',
  optionGroups: ['general'],
  own: () => ({
    contexts: [],
    dryRun: false,
    restore: false,
    absolutePath: false,
    printKuberc: false,
    sharedUser: false,
  }),
  ownOptions: [
    {
      ...option,
      name: 'context',
      value: 'name',
      repeatable: true,
      help: 'convert only the user of this context; can be repeated',
      set: (own, value) => {
        own.contexts = value.split('\n')
      },
    },
    {
      ...option,
      name: 'kubeconfig',
      value: 'file',
      help: 'kubeconfig to change (default: all files in KUBECONFIG, else ~/.kube/config)',
      ...setsText('kubeconfig'),
    },
    {
      ...option,
      name: 'dry-run',
      help: 'print a unified diff, with … in place of tokens and keys, and write nothing',
      ...setsFlag('dryRun'),
    },
    {
      ...option,
      name: 'restore',
      help: 'undo: restore the original bytes, or only the commands if the file has changed since',
      ...setsFlag('restore'),
    },
    {
      ...option,
      name: 'shared-user',
      help: `one user for all clusters, ${SHARED_USER}; cluster-specific settings are in the cluster entries`,
      ...setsFlag('sharedUser'),
    },
    {
      ...option,
      name: 'absolute-path',
      help: 'write the path of this program, for clients that do not have it in their PATH',
      ...setsFlag('absolutePath'),
    },
    {
      ...option,
      name: 'print-kuberc',
      help: 'print an allowlist with the commands of the kubeconfig that run this program, for ~/.kube/kuberc',
      ...setsFlag('printKuberc'),
    },
  ],
  maxPositionals: 0,
  impliedOptions: ['kubeconfig', 'context'],
  footer: `
Examples:
  # show what would change
  eks-get-token convert-kubeconfig --dry-run
  # convert all users of EKS clusters
  eks-get-token convert-kubeconfig
  # undo it
  eks-get-token convert-kubeconfig --restore
`,
  exitCodes: { 255: 'any other error, such as a file that cannot be read or written' },
  run: async ({ own }: ParsedCommand & { own: ConvertOptions }, runtime, terminal) => {
    const program = ownCommand(own.absolutePath && !own.restore, runtime)
    const files = candidatePaths(own.kubeconfig, runtime).map((path) => readKubeconfigFile(path, 'kubectl'))
    if (own.printKuberc) {
      terminal.out(
        kuberc(
          files.map(({ config }) => config),
          program,
        ),
      )
      return 0
    }
    rejectMissing(files, own)
    for (const file of files) {
      if (file.bytes === undefined) terminal.out(`${sanitizeLine(file.path)}: does not exist\n`)
      else await changeKubeconfig(file, own, program, runtime, terminal)
    }
    return 0
  },
})

/** A file must exist, and what the user names. Some of the files of KUBECONFIG may be missing, as for kubectl. */
function rejectMissing(files: readonly KubeconfigFile[], { kubeconfig, contexts }: ConvertOptions): void {
  if (files.every(({ bytes }) => bytes === undefined)) {
    throw missingKubeconfig(
      files.map(({ path }) => path),
      kubeconfig === undefined ? undefined : 'correct --kubeconfig',
    )
  }
  const names = files.flatMap(({ config }) =>
    asList(field(config, 'contexts')).map((entry) => textField(entry, 'name')),
  )
  const unknown = contexts.find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new EksTokenError(
    'ERR_KUBECONFIG',
    `context "${redactValue(unknown)}" does not exist in ${files.map(({ path }) => path).join(', ')}`,
    {
      remedy: "correct --context; 'kubectl config get-contexts' lists them",
    },
  )
}

async function changeKubeconfig(
  file: KubeconfigFile,
  own: ConvertOptions,
  program: string,
  runtime: Runtime,
  terminal: Terminal,
): Promise<void> {
  const { path } = file
  const shownPath = sanitizeLine(path)
  const change = own.restore ? restoration(path, own, runtime) : conversion(path, program, own, runtime)
  const planned = change.plan(file)
  if (planned.file.source.hasMore) terminal.err(`${shownPath}: only the first document is read, as by kubectl\n`)
  const isChanged = planned.text !== planned.file.source.text
  if (own.dryRun) {
    const { text, edits } = maskSecrets(planned.file.source, planned.edits)
    if (isChanged) terminal.out(printableLines(showMasks(unifiedDiff(shownPath, text, edits))))
    const others = planned.results.filter(({ status }) => status !== 'converted')
    const hasLeft = others.some(({ status }) => status === 'left')
    if (!isChanged || hasLeft) terminal.out(report(shownPath, { results: others, isExact: false }, own.restore))
    return
  }
  if (!isChanged) {
    removeLeftovers(path, runtime)
    terminal.out(report(shownPath, planned, own.restore))
    return
  }
  let results: readonly UserResult[] = []
  const beforeWrite = (plan: ConversionPlan): void => {
    change.beforeWrite?.(plan)
    // What had to be written again is reported once, and what an earlier attempt has converted as converted.
    const earlier = results.map(({ name }) => name)
    const news = plan.results.filter(({ name, status }) => status !== 'kept' || !earlier.includes(name))
    const names = news.map(({ name }) => name)
    results = [...results.filter(({ name }) => !names.includes(name)), ...news]
  }
  const written = await changeFile(planned, { ...change, beforeWrite }, runtime)
  terminal.out(report(shownPath, { ...written, results }, own.restore))
}

function report(
  path: string,
  { results, isExact }: Pick<ConversionPlan, 'results' | 'isExact'>,
  isRestore: boolean,
): string {
  const done = isRestore ? 'restored' : 'converted'
  if (results.every(({ status }) => status === 'kept')) {
    const count = results.length
    const kept = count === 0 ? '' : `: ${count} ${count === 1 ? 'user already runs' : 'users already run'} this program`
    return `${path}: nothing to ${isRestore ? 'restore' : 'convert'}${kept}\n`
  }
  const rows = results.map(({ name, status, reason, before, after }) => {
    const change = before && after ? `${redactExecCommand(before.command)} -> ${redactExecCommand(after.command)}` : ''
    return [
      status === 'converted' ? done : status,
      redactValue(name) || '(no name)',
      [change, reason].filter(Boolean).join('; '),
    ]
  })
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map(([status = '', name = '', note = '']) =>
    `  ${status.padEnd(widths[0] ?? 0)}  ${name.padEnd(widths[1] ?? 0)}  ${note}`.trimEnd(),
  )
  return `${path}${isExact ? ' (byte for byte)' : ''}\n${lines.join('\n')}\n`
}
