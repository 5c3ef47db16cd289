import type { Runtime } from '../../runtime.ts'
import type { CliOptions, OptionGroup } from './option.ts'
import { OPTIONS } from './options.ts'
import { environmentTimeout } from './parameter-values.ts'

/** The values of the options of a group. */
export function onlyGroup(
  group: OptionGroup,
  values: ReadonlyMap<string, string | true>,
): ReadonlyMap<string, string | true> {
  const names = OPTIONS.filter((option) => option.group === group).map(({ name }) => name)
  return new Map([...values].filter(([name]) => names.includes(name)))
}

/**
 * Applies the options of a command line, in the order of the table.
 *
 * @param values - option name → value, or true for a flag
 * @throws EksTokenError `ERR_PARAMETER`, `ERR_SETTING` for a value that an option does not accept
 */
export function applyOptions(values: ReadonlyMap<string, string | true>, runtime: Runtime): CliOptions {
  const options: CliOptions = { token: {}, output: {}, debug: false }
  // --timeout is applied before the parameters that may be pipes.
  const readText = (path: string) =>
    runtime.readText(path, options.token.timeoutSeconds ?? environmentTimeout(runtime.env))
  for (const option of OPTIONS) {
    const value = values.get(option.name)
    if (value === undefined) continue
    const text = value === true ? '' : value
    if ('set' in option) option.set(options, text, option.name, { ...runtime, readText })
    else if ('check' in option) option.check?.(text, option.name)
  }
  return options
}
