// The licenses of what is bundled, which their terms require to be distributed with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The packages that have files in the bundles, sorted by their folders.
 *
 * @param {string} root the project's folder
 * @param {readonly string[]} inputs the bundled files, relative to it
 * @returns {{ name: string, version: string, license: string | undefined, path: string }[]}
 */
export function bundledPackages(root, inputs) {
  const folders = new Set(
    // A plugin's name and a colon may come first.
    inputs.map((input) => /^(?:[^/:]+:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean),
  )
  return [...folders].sort().map((folder) => {
    const path = join(root, folder)
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    return { name, version, license, path }
  })
}

/** One text with the license of every bundled package. */
export function thirdPartyLicenses(packages) {
  // Most packages share one text: it is printed once, under all their names.
  const packagesByText = new Map()
  for (const { name, version, license, path } of packages) {
    const files = readdirSync(path).filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
    if (files.length === 0 && !license) throw new Error(`${name} has no license`)
    const full =
      files.map((file) => readFileSync(join(path, file), 'utf8').trim()).join('\n\n') || `License: ${license}`
    const { text, copyright } = splitApacheLicense(full)
    const owner = [`${name} ${version}`, ...copyright].join('\n  ')
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), owner])
  }
  const texts = [...packagesByText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`)
  return `eks-get-token contains parts of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`
}

const APACHE = /^Apache License\n[\s\S]*\n *Copyright (.*)\n[\s\S]*\n *limitations under the License\.$/

/**
 * The Apache License without the copyright notice in its appendix, which is all that its copies differ in, apart from white
 * space and the kind of brackets around a placeholder. Any other text as it is.
 */
function splitApacheLicense(text) {
  const notice = APACHE.exec(text)?.[1]
  if (notice === undefined) return { text, copyright: [] }
  const terms = text
    .replace(`Copyright ${notice}`, 'Copyright [yyyy] [name of copyright owner]')
    .replace('enclosed by brackets "{}"', 'enclosed by brackets "[]"')
  const lines = terms.split('\n').map((line) => line.trimEnd())
  return { text: lines.join('\n'), copyright: /^[[{]yyyy/.test(notice) ? [] : [`Copyright ${notice}`] }
}

/**
 * The software bill of materials: what is bundled. It has no serial number and no time, so that two builds are identical.
 * https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(version, packages) {
  const component = (type, name, release, license) => ({
    type,
    'bom-ref': purl(name, release),
    name,
    version: release,
    purl: purl(name, release),
    // An expression such as `(MIT AND Zlib)` is not an identifier.
    ...(license ? { licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }] } : {}),
  })
  const components = new Map(
    packages.map(({ name, version: release, license }) => [
      purl(name, release),
      component('library', name, release, license),
    ]),
  )
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('application', 'eks-get-token', version, 'Apache-2.0') },
    components: [...components.values()],
    dependencies: [{ ref: purl('eks-get-token', version), dependsOn: [...components.keys()] }],
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

function purl(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}
