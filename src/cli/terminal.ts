/** The streams of the program, as the commands see them. */
export interface Terminal {
  /** Writes all of the text to stdout before it returns. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Asked only by what depends on it (tables, colour): finding it out costs time. */
  readonly stdout: () => { readonly isTerminal: boolean; readonly columns: number | undefined }
}
