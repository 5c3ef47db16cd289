import { attempt } from '../../errors.ts'
import { parseIni } from '../../python/config-parser.ts'
import { shellSplit } from '../../python/shlex.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'

export type SectionKind = 'profile' | 'sso-session' | 'services'

/** A section header of a config file, as a user sees it there. */
export interface SectionHeader {
  readonly text: string
  /** From 1. */
  readonly line: number
}

/** The section headers of a file, in order; none if it does not exist or cannot be parsed. */
export function sectionHeaders(path: string, runtime: Runtime): readonly SectionHeader[] {
  const text = path === '' ? undefined : attempt(() => runtime.readText(path))
  const sections = text === undefined ? undefined : attempt(() => parseIni(text, path))
  if (text === undefined || !sections) return []
  const lines = text.split(/\r\n|\r|\n/)
  return [...sections.keys()].map((name) => ({
    text: name,
    line: lines.findIndex((line) => line.trim().startsWith(`[${name}]`)) + 1,
  }))
}

/** A header that the parser does not take for one. */
export interface HiddenHeader extends SectionHeader {
  /** Otherwise it is indented, and continues the value above it. */
  readonly isComment: boolean
}

/** The headers of a file that are comments, and those that are indented. */
export function hiddenHeaders(path: string, runtime: Runtime): readonly HiddenHeader[] {
  const lines = (path === '' ? undefined : attempt(() => runtime.readText(path)))?.split(/\r\n|\r|\n/) ?? []
  return lines.flatMap((content, index) => {
    const [, before = '', text = ''] = /^(\s+|\s*[#;][\s#;]*)\[([^\]]+)\]/.exec(content) ?? []
    return text === '' ? [] : [{ text, line: index + 1, isComment: before.trim() !== '' }]
  })
}

/** The name that a header gives a section of the kind, where its author meant one; undefined for other headers. */
export function meantName(header: string, kind: SectionKind): string | undefined {
  const [, name] = PATTERNS[kind].exec(plainText(header)) ?? []
  return name?.replace(/^(["'])(.*)\1$/, '$2').trim()
}

/** A header or a name without unusual characters, and without spaces and quotes around it. */
export function plainText(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(UNUSUAL_SPACE, ' ')
    .replace(/^[\s"']+|[\s"']+$/g, '')
    .replace(/\s+/g, ' ')
}

/** Spaces other than U+0020 and the tab. */
const UNUSUAL_SPACE = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g
/** Marks without a width, and the NULs of UTF-16. */
const INVISIBLE = /[\0\u200b-\u200f\u2060\ufeff]/g

/** Whether the AWS CLI reads a header of the config file as one of the kind, with the name that it seems to have. */
export function isRead(header: string, kind: SectionKind): boolean {
  if (hasUnusual(header)) return false
  return (header.startsWith(kind) && shellSplit(header)?.length === 2) || (kind === 'profile' && header === 'default')
}

const PATTERNS: Readonly<Record<SectionKind, RegExp>> = {
  profile: /^profiles?[\s:=./_-]*(.+)$/i,
  'sso-session': /^(?:aws[\s_-]?)?sso[\s_-]?sessions?[\s:=./_-]*(.+)$/i,
  services: /^services?[\s:=./_-]*(.+)$/i,
}

function hasUnusual(header: string): boolean {
  return header.search(UNUSUAL_SPACE) >= 0 || header.search(INVISIBLE) >= 0
}

/** Why the AWS CLI does not read a header as one of the kind, as the end of a sentence that begins with it. */
export function headerProblem(header: string, kind: SectionKind): string {
  if (header.includes('\0')) return 'contains NUL characters: the file is UTF-16'
  if (hasUnusual(header)) {
    return 'contains a no-break space or another invisible character'
  }
  const words = shellSplit(header)
  if (header.startsWith(`${kind} `) && words === undefined) return 'has an unclosed quote'
  if (header.startsWith(`${kind} `) && words?.length !== 2) return 'has spaces in its name, without quotes'
  if (header.toLowerCase().startsWith(`${kind} `)) return `does not begin with "${kind}" in lower case`
  return `does not have the form [${kind} NAME]`
}

/** The header that the AWS CLI reads as this name. */
export function correctHeader(kind: SectionKind, name: string): string {
  const quote = /^[^\s"'\\]+$/.test(name) ? '' : name.includes('"') ? "'" : '"'
  return `[${kind} ${quote}${redactValue(name)}${quote}]`
}
