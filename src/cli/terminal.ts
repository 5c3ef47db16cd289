/** The streams of the program, as the commands see them. */
export interface Terminal {
  /** Writes all of the text to stdout before it returns. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** What comes in. Asked only by what reads it: a client may leave it open, and never send anything. */
  readonly stdin: () => { readonly isTerminal: boolean; readonly input: NodeJS.ReadableStream }
  /** Asked only by what depends on it (tables, colour): finding it out costs time. */
  readonly stdout: () => { readonly isTerminal: boolean; readonly columns: number | undefined }
  /** Asked by what shows progress, which only a person wants to see. */
  readonly stderr: () => { readonly isTerminal: boolean }
}
