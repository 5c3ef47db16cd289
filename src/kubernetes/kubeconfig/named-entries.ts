import { asList, field, textField, type Values } from '../../json.ts'

export type Section = 'clusters' | 'users' | 'contexts'

/** The entries of a kubeconfig by their names, for a look at many of them. Of several with one name the first counts. */
export class NamedEntries {
  readonly #config: Values | null
  readonly #sections = new Map<Section, ReadonlyMap<unknown, unknown>>()
  readonly #contexts = new Map<'user' | 'cluster', ReadonlyMap<string | undefined, readonly unknown[]>>()

  constructor(config: Values | null) {
    this.#config = config
  }

  has(section: Section, name: string): boolean {
    return this.#section(section).has(name)
  }

  /** undefined: there is none. */
  find(section: Section, name: string): unknown {
    return this.#section(section).get(name)
  }

  /** The contexts, without their names, of a user or of a cluster. */
  contextsOf(key: 'user' | 'cluster', name: string): readonly unknown[] {
    let groups = this.#contexts.get(key)
    if (!groups) {
      groups = groupContexts(this.#config, key)
      this.#contexts.set(key, groups)
    }
    return groups.get(name) ?? []
  }

  #section(section: Section): ReadonlyMap<unknown, unknown> {
    let entries = this.#sections.get(section)
    if (!entries) {
      const list = asList(field(this.#config, section))
      entries = new Map(list.map((entry) => [field(entry, 'name'), entry] as const).reverse())
      this.#sections.set(section, entries)
    }
    return entries
  }
}

function groupContexts(
  config: Values | null,
  key: 'user' | 'cluster',
): ReadonlyMap<string | undefined, readonly unknown[]> {
  const groups = new Map<string | undefined, unknown[]>()
  for (const entry of asList(field(config, 'contexts'))) {
    const context = field(entry, 'context')
    const name = textField(context, key)
    const group = groups.get(name)
    if (group) group.push(context)
    else groups.set(name, [context])
  }
  return groups
}
