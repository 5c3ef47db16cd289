// Runs on the Windows build of Node: node.exe start.cjs SPEC.json. wine keeps variables such as HOME and PATH from Windows
// programs, so the environment is set from within, before anything of the program is loaded.
const { readFileSync } = require('node:fs')
const { spawnSync } = require('node:child_process')

const { env, cwd, program, args, isVerbatim } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
for (const name of Object.keys(process.env)) delete process.env[name]
Object.assign(process.env, env)
process.chdir(cwd)
if (program.endsWith('.exe')) {
  const verbatim = { windowsVerbatimArguments: true, argv0: `"${program}"` }
  process.exit(spawnSync(program, args, { stdio: 'inherit', ...(isVerbatim ? verbatim : {}) }).status ?? 1)
} else {
  process.argv.splice(1, 2, program, ...args)
  require(program)
}
