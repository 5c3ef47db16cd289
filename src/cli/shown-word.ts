/** A word of the command line as an error quotes it: one in the wrong place may be a token, or a part of one. */
export function shownWord(word: string): string {
  if (/^-*k8s-aws-v1\./.test(word)) return 'k8s-aws-v1.…'
  return word.length > 60 ? `${word.slice(0, 40)}…` : word
}
