// Writes docs/screens/*.svg: pictures of what the commands print on a terminal. The text is test/cli/screens/*.ansi, which
// the tests compare with real runs.
//
//   node build/screens.mjs            writes them
//   node build/screens.mjs --check    fails if they would be others
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
/** Name of the image and of the recorded screen → the command line that is shown above it. */
const SCREENS = {
  'doctor-overridden': 'eks-get-token doctor',
  inspect: 'eks-get-token inspect < token',
  verify: 'eks-get-token verify --cluster-name demo < token',
}
/** By the codes of the terminal; for light text on a dark ground. */
const STYLES = {
  0: '',
  1: 'font-weight="bold" fill="#ffffff"',
  2: 'fill="#8b949e"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  33: 'fill="#f2cc60"',
}
const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m`)
const [CHARACTER, LINE, MARGIN] = [8, 18, 16]

const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
mkdirSync(join(ROOT, 'docs/screens'), { recursive: true })
for (const [name, command] of Object.entries(SCREENS)) {
  const file = join(ROOT, 'docs/screens', `${name}.svg`)
  const image = render(`$ ${command}\n${readFileSync(join(ROOT, `test/cli/screens/${name}.ansi`), 'utf8').trimEnd()}`)
  if (!values.check) writeFileSync(file, image)
  else if (readFileSync(file, 'utf8') !== image) {
    throw new Error(`${file} is not what the command prints; run 'node build/screens.mjs'`)
  }
}

function render(text) {
  const lines = text.split('\n').map(spansOf)
  const columns = Math.max(...lines.map((spans) => spans.reduce((sum, span) => sum + span.text.length, 0)))
  const [width, height] = [columns * CHARACTER + 2 * MARGIN, lines.length * LINE + 2 * MARGIN]
  const rows = lines.flatMap((spans, index) => {
    const inner = spans.map(({ text, style }) =>
      style === '' ? escapeXml(text) : `<tspan ${style}>${escapeXml(text)}</tspan>`,
    )
    const y = MARGIN + LINE * (index + 0.75)
    return spans.length === 0 ? [] : [`<text x="${MARGIN}" y="${y}" xml:space="preserve">${inner.join('')}</text>`]
  })
  const font =
    'font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13.3" fill="#e6edf3" style="white-space:pre"'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ${font}>
<title>${escapeXml(lines[0].map(({ text }) => text).join(''))}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`
}

/** A line in parts of one style each. */
function spansOf(line) {
  let style = ''
  return line.split(ESCAPE).flatMap((part, index) => {
    if (index % 2 === 0) return part === '' ? [] : [{ text: part, style }]
    if (STYLES[part] === undefined) throw new Error(`a style that is not known: ${part}`)
    style = STYLES[part]
    return []
  })
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
