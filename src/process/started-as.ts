/**
 * How an executable was started, as on its command line: a path, or a name that was found in PATH. undefined where Node runs a
 * script.
 */
export function startedAs(): string | undefined {
  const { argv0, versions } = process
  return versions.node && !('bun' in versions) ? undefined : argv0
}
