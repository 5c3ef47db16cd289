/** Something that was meant to provide credentials and does not, and what would complete it. */
export interface Clue {
  /** The variable, profile or file at fault, and what is wrong with it. */
  readonly fact: string
  readonly remedy: string
}
