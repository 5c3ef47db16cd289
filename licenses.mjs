// The licences of what is bundled: their terms ask that they go with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * One text with the licence of every package that esbuild took files from.
 *
 * @param metafiles of the builds, with paths relative to the project's folder
 */
export function thirdPartyLicenses(metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)))
  const folders = new Set(
    // A name before a colon is that of a build's plugin, which takes files of packages that are there already.
    inputs.map((input) => /^([^:]*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean),
  )
  // Most packages share one text: it stands once, under the names of all of them.
  const packagesOf = new Map()
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const files = readdirSync(folder).filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
    if (files.length === 0 && !license) throw new Error(`${name} has no licence`)
    const text =
      files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n') || `Licence: ${license}`
    packagesOf.set(text, [...(packagesOf.get(text) ?? []), `${name} ${version}`])
  }
  const texts = [...packagesOf].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`)
  return `eks-get-token contains parts of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`
}
