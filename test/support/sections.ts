import type { Sections } from '../../src/python/config-parser.ts'

/** Parsed sections as plain objects, for comparison. */
export function toPlainObject(sections: Sections): Record<string, object> {
  return Object.fromEntries(
    [...sections.keys()].map((name) => [
      name,
      Object.fromEntries(
        [...(sections.get(name) ?? [])].map(([key, value]) => [
          key,
          typeof value === 'string' ? value : Object.fromEntries(value),
        ]),
      ),
    ]),
  )
}
