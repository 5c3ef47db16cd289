import { replaceControls } from '../../redact.ts'

/** The lines of a file without control characters; line breaks stay as they are. */
export function printableLines(text: string): string {
  return text.split('\r\n').map(replaceControls).join('\r\n')
}
