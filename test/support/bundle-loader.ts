import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileFunction } from 'node:vm'

/** What bundles get in place of what the process of the test has. */
export interface BundleSurroundings {
  /** Variables that hide the globals of these names. */
  readonly globals: Readonly<Record<string, unknown>>
  /** A module of Node, by its name without `node:`; called once for each. */
  readonly builtin: (name: string) => unknown
}

export interface BundleLoader {
  /** Runs a bundle, and what it requires, from the first line; a second time it has the same exports. */
  readonly load: (file: string) => unknown
  readonly builtin: (name: string) => unknown
}

type Bundle = (...locals: unknown[]) => void
const MODULE_LOCALS = ['exports', 'require', 'module', '__filename', '__dirname']
/** Compiled once: only the variables of a module are those of a loader. */
const compiled = new Map<string, Bundle>()

/** For one run of the npm command in this process: no other loader shares a module with it. */
export function createBundleLoader({ globals, builtin }: BundleSurroundings): BundleLoader {
  const names = [...MODULE_LOCALS, ...Object.keys(globals)]
  const bundles = new Map<string, { exports: unknown }>()
  const builtins = new Map<string, unknown>()
  const loadBuiltin = (name: string): unknown => {
    const plain = name.replace(/^node:/, '')
    if (!builtins.has(plain)) builtins.set(plain, builtin(plain))
    return builtins.get(plain)
  }
  const load = (file: string): unknown => {
    const loaded = bundles.get(file)
    if (loaded !== undefined) return loaded.exports
    const module = { exports: {} as unknown }
    bundles.set(file, module)
    const require = (name: string) => (name.startsWith('.') ? load(join(dirname(file), name)) : loadBuiltin(name))
    const locals = [module.exports, require, module, file, dirname(file)]
    compile(file, names)(...locals, ...Object.values(globals))
    return module.exports
  }
  return { load, builtin: loadBuiltin }
}

function compile(file: string, names: readonly string[]): Bundle {
  const key = [file, ...names].join()
  const known = compiled.get(key)
  if (known !== undefined) return known
  const source = readFileSync(file, 'utf8').replace(/^#!.*/, '')
  const bundle = compileFunction(source, names, { filename: file }) as Bundle
  compiled.set(key, bundle)
  return bundle
}
