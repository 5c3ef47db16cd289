import type { Limits, Result } from './part.ts'
import { random } from './random.ts'

/** The random settings with a front that has AddressSanitizer and UBSan: what they find ends a run with another exit code. */
export function sanitizer(limits: Limits): Promise<Result> {
  return random(limits, '--sanitize')
}
