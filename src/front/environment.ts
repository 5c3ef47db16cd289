import { isWindows, native } from './native.ts'

/** Node's `process.env`. On Windows the case of a name makes no difference. */
export const environment: Record<string, string> = isWindows ? ignoreCase(native.environment()) : native.environment()

function ignoreCase(variables: Record<string, string>): Record<string, string> {
  const names: Record<string, string> = Object.create(null)
  // The first of several counts.
  for (const name of Object.keys(variables)) names[name.toUpperCase()] ??= name
  const nameOf = (name: string | symbol) => (typeof name === 'string' ? (names[name.toUpperCase()] ?? name) : name)
  return new Proxy(variables, {
    get: (target, name) => Reflect.get(target, nameOf(name)),
    has: (target, name) => Reflect.has(target, nameOf(name)),
    getOwnPropertyDescriptor: (target, name) => Reflect.getOwnPropertyDescriptor(target, nameOf(name)),
  })
}
