// Runs recorded cases that need the fixed addresses of ECS and EC2, one after the other, as the addresses can be served
// only once at a time. Started in a network namespace of its own (test/support/netns.sh), it collides with nothing else.
//
//   netns.sh node test/parity/run-cases.mjs ID...     prints JSON: { ID: [every difference as a line], ... }
import { register } from 'node:module'

register('../../demo/typescript.mjs', import.meta.url)
const { createCertificateAuthority } = await import('../support/certificates.ts')
const { readCases } = await import('./case.ts')
const { runParityCase } = await import('./parity-case.ts')

const ids = process.argv.slice(2)
const authority = await createCertificateAuthority()
const differences = {}
for (const parityCase of readCases().filter(({ id }) => ids.includes(id))) {
  differences[parityCase.id] = await runParityCase(parityCase, authority)
}
await authority.close()
console.log(JSON.stringify(differences))
