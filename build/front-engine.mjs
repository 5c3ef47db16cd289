// The sources of QuickJS-ng, the engine of the front executable, as Debian packages them. Nothing of it is committed.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const VERSION = '0.17.0'
const PACKAGE = 'qjs-src'
const PACKAGE_VERSION = '0.17.0-1'
const FILE = `${PACKAGE}_${PACKAGE_VERSION}_all.deb`
const SHA256 = '04631979bdadaccffd76c1cb0aff5d07389aa889a90b6a902eba858a3a3b3988'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The folder of the engine's sources, fetched where it is not there yet and checked in any case.
 *
 * @param {string} tools the folder for what is fetched
 * @returns {{ folder: string, version: string, license: string }} license: its text, for the notices
 */
export function engineSources(tools) {
  const archive = join(tools, FILE)
  if (!existsSync(archive)) fetchPackage(tools, archive)
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex')
  if (found !== SHA256) throw new Error(`${archive} has the SHA-256 ${found}, and must have ${SHA256}`)
  const unpacked = join(tools, `quickjs-ng-${VERSION}`)
  if (!existsSync(unpacked)) {
    const beside = mkdtempSync(`${unpacked}-`)
    unpack(archive, beside)
    renameSync(beside, unpacked)
  }
  const copyright = readFileSync(join(unpacked, `usr/share/doc/${PACKAGE}/copyright`), 'utf8')
  return {
    folder: join(unpacked, 'usr/src/quickjs-ng'),
    version: VERSION,
    license: `The executable contains QuickJS-ng ${VERSION} and, on Linux for x64, musl, both under the MIT license.\n\n${copyright.trim()}`,
  }
}

/** A package of Debian is an archive with the archive of its files in it; the tar of macOS reads both kinds. */
function unpack(archive, folder) {
  if (process.platform !== 'darwin') execFileSync('dpkg-deb', ['-x', archive, folder])
  else {
    const input = execFileSync('tar', ['-xOf', archive, 'data.tar.xz'], { maxBuffer: 1 << 26 })
    execFileSync('tar', ['-xf', '-', '-C', folder], { input })
  }
}

/**
 * By an apt configuration of its own: the package is in Debian's development branch, and nothing else comes from there. The
 * mirror is that of the machine.
 */
function fetchPackage(tools, archive) {
  mkdirSync(tools, { recursive: true })
  const aside = mkdtempSync(join(tools, 'apt-'))
  try {
    for (const folder of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(aside, folder), { recursive: true })
    writeFileSync(join(aside, 'sources.list'), `deb [signed-by=${KEYRING}] ${debianMirror()} sid main\n`)
    const settings = {
      'Dir::State': aside,
      'Dir::State::lists': join(aside, 'lists'),
      'Dir::Cache': join(aside, 'cache'),
      'Dir::Etc::sourcelist': join(aside, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'APT::Sandbox::User': 'root',
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    const stdio = ['ignore', 'ignore', 'pipe']
    execFileSync('apt-get', [...options, 'update'], { cwd: aside, stdio })
    execFileSync('apt-get', [...options, 'download', `${PACKAGE}=${PACKAGE_VERSION}`], { cwd: aside, stdio })
    renameSync(join(aside, FILE), archive)
  } catch (error) {
    throw new Error(
      `${FILE} could not be fetched by apt (${String(error.stderr ?? error.message).trim()}); put it into ${tools} by hand`,
    )
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function debianMirror() {
  const format = ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']
  const sites = execFileSync('apt-get', format, { encoding: 'utf8' }).split('\n')
  const mirror = sites.find((site) => /\/debian\/?$/.test(site))
  if (mirror === undefined) throw new Error('apt knows no mirror of Debian')
  return mirror
}
