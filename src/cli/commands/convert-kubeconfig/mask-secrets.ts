import { itemsOf, type SourceDocument, type SourceNode } from '../../../kubernetes/kubeconfig/source.ts'
import type { Edit } from '../../../kubernetes/kubeconfig/text-edit.ts'
import { redactLikelySecrets } from '../../../redact.ts'

/** A text and its edits, in which `…` will be in place of secrets. */
export interface Masked {
  readonly text: string
  readonly edits: readonly Edit[]
}

/** Keys of secrets in kubeconfigs, `auth-provider` included. */
const SECRET_KEYS = [
  'token',
  'client-key-data',
  'password',
  'access-token',
  'id-token',
  'refresh-token',
  'client-secret',
]

/** A private character, as often as the secret has characters, so that offsets stay. */
const PLACEHOLDER = '\ue000'

/** What is a secret wherever it is: in a comment, in another document, in a URL. */
const SECRET_TEXTS = [
  new RegExp(`(?<=\\b(?:${SECRET_KEYS.join('|')})["']?[ \\t]*:[ \\t]+["']?)[^\\s"',{}\\[\\]]+`, 'g'),
  // The user and password of a URL, with or without a scheme, and its query and fragment.
  /(?<=\/\/)[^\s"']*(?=@)/g,
  /(?<=\b(?:server|proxy-url)["']?[ \t]*:[ \t]*["']?)(?!\w+:\/\/)[^\s"',]*(?=@)/g,
  /(?<=:\/\/[^\s"'?#]*[?#])[^\s"',{}]+/g,
]

/** Hides the values of secret keys, and what looks like a secret, in a text that is to be shown as a diff. */
export function maskSecrets({ text, root }: SourceDocument, edits: readonly Edit[]): Masked {
  const secrets: SourceNode[] = []
  collectSecrets(root, undefined, secrets)
  let masked = ''
  let position = 0
  for (const { start, end } of secrets) {
    masked += text.slice(position, start) + text.slice(start, end).replace(/[^\r\n]/g, PLACEHOLDER)
    position = end
  }
  const sources = secrets.map(({ start, end }) => text.slice(start, end).replace(/^["']|["']$/g, ''))
  const hide = (replacement: string): string =>
    sources.reduce((shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, PLACEHOLDER)), replacement)
  return {
    text: maskText(masked + text.slice(position)),
    edits: edits.map((edit) => ({ ...edit, text: maskText(hide(edit.text)) })),
  }
}

/** The same for what the nodes of the document do not contain. */
function maskText(text: string): string {
  const mask = (secret: string): string => PLACEHOLDER.repeat(secret.length)
  const withoutKnown = SECRET_TEXTS.reduce((shown, pattern) => shown.replace(pattern, mask), text)
  return withoutKnown.replace(/[^\s'"`,;()]{16,}/g, (word) => (redactLikelySecrets(word) === word ? word : mask(word)))
}

/** @param diff - of a masked text */
export function showMasks(diff: string): string {
  return diff.replace(/\ue000+/g, '…')
}

/** In the order of the text. */
function collectSecrets(node: SourceNode | undefined, key: string | undefined, secrets: SourceNode[]): void {
  if (node?.kind === 'scalar' && node.end > node.start && isSecret(node.value(), key)) secrets.push(node)
  const items = itemsOf(node)
  const name = items.find((item) => item.key === 'name')?.node?.value()
  const isVariable = typeof name === 'string' && SECRET_VARIABLE.test(name)
  for (const item of items) {
    const itemKey = isVariable && item.key === 'value' ? 'password' : (item.key ?? key)
    collectSecrets(item.node, itemKey, secrets)
  }
}

/** In `env` of an exec block. */
const SECRET_VARIABLE = /SECRET|PASSWORD|TOKEN$|(?<!ACCESS)_KEY$/i

function isSecret(value: unknown, key: string | undefined): boolean {
  if (typeof value !== 'string' || value === '') return false
  const isAssignment = SECRET_VARIABLE.test(/^(\w+)=./.exec(value)?.[1] ?? '')
  const isLikely = value.length >= 16 && redactLikelySecrets(value) !== value
  return SECRET_KEYS.includes(key ?? '') || isAssignment || isLikely
}
