import { expect, test } from 'vitest'
import { proxyFor } from '../../src/net/proxy.ts'
import { runtimeWith } from '../support/runtime.ts'

const on = (ProxyServer: string, ProxyOverride = '') => ({ ProxyEnable: '0x1', ProxyServer, ProxyOverride })

// As urllib.request of Python reads the settings of Windows.
test.each<[string, Record<string, string>, string | undefined]>([
  ['https://sts.x', on('p:1'), 'http://p:1'],
  ['http://sts.x', on('http://p:1'), 'http://p:1'],
  ['https://sts.x', on('http=p:1;https=q:2'), 'http://q:2'],
  ['https://sts.x', on('http=p:1'), undefined],
  ['https://sts.x', on('p:1;q:2'), undefined],
  ['https://sts.x', on('https='), undefined],
  ['https://sts.x', { ...on('p:1'), ProxyEnable: '0x0' }, undefined],
  ['https://sts.x', {}, undefined],
  ['https://sts.x', on('p:1', 'a;*.X'), undefined],
  ['https://sts.x', on('p:1', '<local>;*.y'), 'http://p:1'],
  ['http://intranet', on('p:1', '<local>'), undefined],
  ['https://sts.x', on('p:1', 'sts?x'), undefined],
  ['https://stsax', on('p:1', 'sts.x'), 'http://p:1'],
])('%s with the settings %j: %s', (url, registry, expected) => {
  expect(proxyFor(url, runtimeWith({ platform: 'win32', registry }))).toBe(expected)
})

test('a proxy variable, even one for other URLs, takes precedence', () => {
  const env = { NO_PROXY: 'x' }
  expect(proxyFor('https://sts.x', runtimeWith({ platform: 'win32', registry: on('p:1'), env }))).toBeUndefined()
})

test('elsewhere the registry is not read', () => {
  expect(proxyFor('https://sts.x', runtimeWith({ registry: on('p:1') }))).toBeUndefined()
})
