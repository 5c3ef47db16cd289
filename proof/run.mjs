// Node 20 runs no TypeScript, and the parts are written in it like the test helpers that they use.
import { register } from 'node:module'

register('../demo/typescript.mjs', import.meta.url)
await import('./main.ts')
