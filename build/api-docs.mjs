// Writes docs/api.md: the reference of what the package exports, made by TypeDoc from the types and their comments.
//
//   node build/api-docs.mjs            writes it
//   node build/api-docs.mjs --check    fails if it would be another, or if something has no comment
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { register } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const FILE = join(ROOT, 'docs/api.md')
/** The modules that package.json exports, in the order of the page. */
const MODULES = ['eks-get-token', 'eks-get-token/kubernetes']
const ENTRY_POINTS = ['src/index.ts', 'src/library/kubernetes.ts']

const HEADER = `# API reference

What \`eks-get-token\` exports to programs. Generated from the sources by \`node build/api-docs.mjs\`; the examples are
compiled and run by the tests. Times are \`Date\`; durations are seconds; sizes are bytes.
`

/** Details that no program should depend on; the compiler needs them to be part of the types. */
const INTERNAL = ['ERRORS', 'RuleStatus', 'Signal']

const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
const reference = await render()
if (!values.check) writeFileSync(FILE, reference)
else if (readFileSync(FILE, 'utf8') !== reference) {
  throw new Error("docs/api.md is out of date; run 'node build/api-docs.mjs'")
}

/** @throws when TypeDoc warns of anything, such as an export without a comment */
async function render() {
  // TypeDoc needs the compiler's interface in JavaScript, which TypeScript 7 does not have.
  const hook = `export const resolve = (name, context, next) => next(name === 'typescript' ? 'typescript-6' : name, context)`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
  const { Application } = await import('typedoc')
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-api-'))
  try {
    const app = await Application.bootstrapWithPlugins({
      entryPoints: ENTRY_POINTS.map((file) => join(ROOT, file)),
      tsconfig: join(ROOT, 'tsconfig.types.json'),
      basePath: ROOT,
      plugin: ['typedoc-plugin-markdown'],
      outputs: [{ name: 'markdown', path: folder }],
      outputFileStrategy: 'modules',
      entryFileName: 'modules',
      readme: 'none',
      sort: ['source-order'],
      groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases'],
      disableSources: true,
      excludeExternals: true,
      excludeInternal: true,
      hidePageHeader: true,
      hideBreadcrumbs: true,
      useCodeBlocks: true,
      expandObjects: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      tableColumnSettings: { hideModifiers: true, hideInherited: true, hideOverrides: true },
      intentionallyNotExported: INTERNAL,
      validation: { notExported: true, invalidLink: true, notDocumented: true },
      requiredToBeDocumented: ['Class', 'Function', 'Interface', 'TypeAlias', 'Property', 'Method'],
      // The compiler checks them: npm run check.
      skipErrorChecking: true,
      treatWarningsAsErrors: true,
      logLevel: 'Warn',
    })
    const project = await app.convert()
    if (project) app.validate(project)
    if (!project || app.logger.hasWarnings() || app.logger.hasErrors()) throw new Error('see the messages of TypeDoc')
    await app.generateOutputs(project)
    return onePage(MODULES.map((name) => readFileSync(join(folder, `${name}.md`), 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The pages of the modules below one heading, with links within the page. */
function onePage(pages) {
  const text = pages.map((page) =>
    page
      .replace(/\]\([^)#]*\.md(#[^)]*)?\)/g, (_, anchor = '') => `](${anchor})`)
      // The properties that are inherited are in the table.
      .replace(/^#+ Extends\n\n- `Omit`[\s\S]*?\n\n/gm, '')
      .replace(/<a id="[^"]*"><\/a> /g, '')
      .replace(/^\| ------ .*$/gm, (row) => row.replaceAll('------', '---'))
      // The default of a type parameter is written out.
      .replace(/EksTokenError\\?<"ERR[^>\n]*>/g, 'EksTokenError')
      .replace(/^(#+) /gm, '#$1 ')
      .replace(/^#{7,} (.*)$/gm, '**$1**')
      .trim(),
  )
  return `${HEADER}\n${text.join('\n\n')}\n`
}
