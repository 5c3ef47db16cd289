/** What a key does at the prompt for a code. */
export type Key =
  | { readonly type: 'digit'; readonly digit: string }
  | { readonly type: 'erase' | 'clear' | 'submit' | 'end-of-input' | 'interrupt' | 'quit' | 'suspend' }

const CONTROL_KEYS: Readonly<Record<string, Exclude<Key['type'], 'digit'>>> = {
  '\r': 'submit',
  '\n': 'submit',
  '\b': 'erase',
  '\x7f': 'erase',
  '\x03': 'interrupt',
  '\x04': 'end-of-input',
  '\x15': 'clear',
  '\x1a': 'suspend',
  '\x1c': 'quit',
}

/**
 * Decodes what a terminal in raw mode sends. A code consists of digits, so everything else is dropped: letters, control
 * characters, and whole escape sequences, which arrow keys and pasted text bring along and which contain digits.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 *
 * @returns a function that decodes the next chunk; a sequence may be split between chunks
 */
export function createKeyDecoder(): (chunk: string) => readonly Key[] {
  let sequence: 'none' | 'escape' | 'control' | 'single' = 'none'
  return (chunk) => {
    const keys: Key[] = []
    for (const character of chunk) {
      if (character === '\x1b') sequence = 'escape'
      else if (sequence === 'escape') {
        sequence = character === '[' ? 'control' : character === 'O' ? 'single' : 'none'
      } else if (sequence === 'control') {
        // Parameters and intermediate characters come before the final one.
        if (character >= '@' && character <= '~') sequence = 'none'
      } else if (sequence === 'single') sequence = 'none'
      else if (/^\d$/.test(character)) keys.push({ type: 'digit', digit: character })
      else if (Object.hasOwn(CONTROL_KEYS, character)) keys.push({ type: CONTROL_KEYS[character] ?? 'submit' })
    }
    return keys
  }
}
