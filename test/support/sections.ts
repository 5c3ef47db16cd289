import type { Section } from '../../src/python/config-parser.ts'

/** Parsed sections as plain objects, for comparison. */
export function toPlainObject(sections: ReadonlyMap<string, Section>): Record<string, object> {
  return Object.fromEntries(
    [...sections].map(([name, section]) => [
      name,
      Object.fromEntries(
        [...section].map(([key, value]) => [key, typeof value === 'string' ? value : Object.fromEntries(value)]),
      ),
    ]),
  )
}
