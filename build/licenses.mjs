// The licences of what is bundled, which their terms require to be distributed with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * One text with the licence of every package that has files in the bundles.
 *
 * @param {string} root the project's folder
 * @param {readonly string[]} inputs the bundled files, relative to it
 */
export function thirdPartyLicenses(root, inputs) {
  const folders = new Set(
    // A plugin's name and a colon may come first.
    inputs.map((input) => /^(?:[^/:]+:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean),
  )
  // Most packages share one text: it is printed once, under all their names.
  const packagesByText = new Map()
  for (const folder of [...folders].sort()) {
    const path = join(root, folder)
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    const files = readdirSync(path).filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
    if (files.length === 0 && !license) throw new Error(`${name} has no licence`)
    const text =
      files.map((file) => readFileSync(join(path, file), 'utf8').trim()).join('\n\n') || `Licence: ${license}`
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version}`])
  }
  const texts = [...packagesByText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`)
  return `eks-get-token contains parts of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`
}
