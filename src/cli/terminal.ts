/** The standard streams. */
export interface Terminal {
  /** Writes all of the text to stdout before it returns. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Read only where input is expected: a client may leave it open and never send anything. */
  readonly stdin: () => { readonly isTerminal: boolean; readonly input: NodeJS.ReadableStream }
  /** Used only where the output depends on it (tables, color, help): determining it takes time. */
  readonly stdout: () => { readonly isTerminal: boolean; readonly columns: number | undefined }
  /** Used for progress, which is shown only on a terminal. */
  readonly stderr: () => { readonly isTerminal: boolean; readonly columns: number | undefined }
}
