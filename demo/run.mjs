// Node 20 runs no TypeScript, and the demo is written in it like the test servers that it uses.
import { register } from 'node:module'

register('./typescript.mjs', import.meta.url)
await import('./demo.ts')
