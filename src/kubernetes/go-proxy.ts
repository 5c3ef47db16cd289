import { BlockList, isIP } from 'node:net'
import { isLoopback } from '../net/loopback.ts'
import type { Environment } from '../runtime.ts'

/**
 * The proxy that kubectl uses for a URL: `HTTPS_PROXY`, upper case first; none for this machine itself; `NO_PROXY` with names,
 * addresses and CIDRs. The rules differ from the AWS CLI's.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config, https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/util/net/http.go
 *
 * @returns undefined: none
 */
export function goProxy(url: URL, env: Environment): string | undefined {
  const proxy = env.HTTPS_PROXY || env.https_proxy
  if (!proxy || isLoopback(url.hostname)) return undefined
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const rules = (env.NO_PROXY || env.no_proxy || '').split(',').map((rule) => rule.trim().toLowerCase())
  if (rules.some((rule) => rule !== '' && bypasses(rule, host, url.port || '443'))) return undefined
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(proxy) ? proxy : `http://${proxy}`
}

function bypasses(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true
  if (rule.includes('/')) return isInNetwork(host, rule)
  const [, name = rule, rulePort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(rule) ?? []
  if (rulePort !== undefined && rulePort !== port) return false
  const ruleHost = name.replace(/^\[|\]$/g, '').replace(/^\*\./, '.')
  if (ruleHost === '') return false
  if (isIP(ruleHost) > 0) return ruleHost === host
  return ruleHost.startsWith('.') ? host.endsWith(ruleHost) : host === ruleHost || host.endsWith(`.${ruleHost}`)
}

function isInNetwork(host: string, cidr: string): boolean {
  const [address = '', prefix = ''] = cidr.split('/')
  const version = isIP(address)
  if (version === 0 || isIP(host) !== version || !/^\d{1,3}$/.test(prefix)) return false
  const type = version === 4 ? 'ipv4' : 'ipv6'
  if (Number(prefix) > (version === 4 ? 32 : 128)) return false
  const network = new BlockList()
  network.addSubnet(address, Number(prefix), type)
  return network.check(host, type)
}
