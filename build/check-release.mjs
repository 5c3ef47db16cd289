// Checks that a tag, the version of the package and the newest entry of the changelog agree, and writes that entry to
// dist/release-notes.md.
//
//   node build/check-release.mjs v1.2.3
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const tag = process.argv[2] ?? ''
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
const [, entry, rest, notes] = /^## (\S+)(.*)\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog) ?? []

if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, and the version in package.json ${version}`)
if (entry !== version) throw new Error(`the newest entry of CHANGELOG.md is for ${entry}, not for ${version}`)
if (rest.includes('not released')) throw new Error('the entry of CHANGELOG.md says that it is not released')
mkdirSync(join(ROOT, 'dist'), { recursive: true })
writeFileSync(join(ROOT, 'dist/release-notes.md'), notes.trim())
