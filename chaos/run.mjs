// Node 20 runs no TypeScript, and the groups are written in it like the test servers that they use.
import { register } from 'node:module'

register('../demo/typescript.mjs', import.meta.url)
await import('./main.ts')
