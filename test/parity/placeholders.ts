import { isoSeconds } from '../support/local-aws/temporary-credentials.ts'

/** What the placeholders of a case stand for in one run of it. */
export interface Surroundings {
  home: string
  port: number
  tlsPort: number
  caFile: string
}

/** `{{HOME}}`, `{{NOW+3600}}` and the others, in arguments, environment and files. */
export function expand(template: string, { home, port, tlsPort, caFile }: Surroundings): string {
  return template.replace(/\{\{([A-Z]+)([+-]\d+)?\}\}/g, (placeholder, name: string, seconds = '0') => {
    switch (name) {
      case 'HOME':
        return home
      case 'MOCK':
        return `http://127.0.0.1:${port}`
      case 'MOCKHOST':
        return `127.0.0.1:${port}`
      case 'MOCKTLS':
        return `https://localhost:${tlsPort}`
      case 'PORT':
        return String(port)
      case 'CA':
        return caFile
      case 'NOW':
        return isoSeconds(Date.now() + Number(seconds) * 1000)
      default:
        throw new Error(`a case uses the unknown placeholder ${placeholder}`)
    }
  })
}

export const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g
export const TOKEN = /k8s-aws-v1\.[A-Za-z0-9_-]+/g

/** The way back, for texts that are compared: what differs from run to run becomes a placeholder. */
export function mask(text: string, { home, port }: Surroundings): string {
  return text
    .replace(TOKEN, '<TOKEN>')
    .replace(ISO_TIME, '<ISO>')
    .replaceAll(home, '{{HOME}}')
    .replaceAll(`127.0.0.1:${port}`, '{{MOCKHOST}}')
}
