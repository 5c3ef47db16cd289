import { isRecord, sameValue } from '../../json.ts'
import { alignItems } from './align.ts'
import { renderFlow } from './render.ts'
import { itemsOf, nodesOf, type SourceDocument, type SourceNode } from './source.ts'
import type { Edit } from './text-edit.ts'

/** The anchors and aliases of a document that is changed: an alias has to keep its value, or change with its anchor. */
export class Anchors {
  readonly #aliases: SourceNode[] = []
  /** What each node is to become, as far as its collections keep their form. */
  readonly #targets = new Map<SourceNode, unknown>()

  constructor({ root, hasAliases }: SourceDocument, target: unknown) {
    if (!hasAliases) return
    collectAliases(root, this.#aliases)
    collectTargets(root, target, this.#targets)
  }

  /** Whether an alias refers to the node, and is to have another value. */
  isShared(node: SourceNode): boolean {
    const { anchor } = node
    if (anchor === undefined) return false
    return this.#aliases.some(
      (alias) => alias.kind === 'alias' && alias.target === anchor && !this.#haveSameTarget(alias, node),
    )
  }

  /** Whether an alias changes with the node that it refers to. */
  changesWithAnchor(alias: SourceNode): boolean {
    if (alias.kind !== 'alias') return false
    const anchored = [...this.#targets.keys()]
      .filter((node) => node.anchor === alias.target && node.start < alias.start)
      .at(-1)
    return anchored !== undefined && !this.isShared(anchored) && this.#haveSameTarget(alias, anchored)
  }

  /** For a node that goes: the first alias outside of it gets each of its anchors, and the value that it refers to. */
  moveOutOf(node: SourceNode | undefined, lineBreak: string): Edit[] {
    if (!node || this.#aliases.length === 0) return []
    return nodesOf(node).flatMap((anchored) => {
      const { anchor, start } = anchored
      const alias = this.#aliases.find(
        (other) => other.kind === 'alias' && other.target === anchor && other.start > start && !contains(node, other),
      )
      if (anchor === undefined || !alias) return []
      return {
        from: alias.start,
        to: alias.end,
        text: `&${anchor} ${renderFlow(anchored.value(), { indent: '', lineBreak }, undefined)}`,
      }
    })
  }

  #haveSameTarget(a: SourceNode, b: SourceNode): boolean {
    return this.#targets.has(a) && this.#targets.has(b) && sameValue(this.#targets.get(a), this.#targets.get(b))
  }
}

function collectAliases(node: SourceNode | undefined, aliases: SourceNode[]): void {
  if (node?.kind === 'alias') aliases.push(node)
  for (const item of itemsOf(node)) collectAliases(item.node, aliases)
}

function collectTargets(node: SourceNode | undefined, target: unknown, targets: Map<SourceNode, unknown>): void {
  if (!node) return
  targets.set(node, target)
  if (node.kind === 'map' && isRecord(target)) {
    for (const { key, node: child } of node.items)
      if (key !== undefined && key in target) collectTargets(child, target[key], targets)
  } else if (node.kind === 'seq' && Array.isArray(target)) {
    const places = alignItems(
      node.items.map((item) => item.node?.value()),
      target,
    )
    node.items.forEach((item, index) => {
      const place = places?.[index]
      if (place !== undefined) collectTargets(item.node, target[place], targets)
    })
  }
}

function contains(outer: SourceNode, inner: SourceNode): boolean {
  return inner.start >= outer.start && inner.end <= outer.end
}
