import { expect, test } from 'vitest'
import { hostHeader, isEndpointUrl, splitUrl } from '../../src/python/urls.ts'

test.each([
  ['https://STS.Example.com', 'sts.example.com'],
  ['https://h:443/', 'h'],
  ['http://h:443/', 'h:443'],
  ['http://h:80', 'h'],
  ['https://h:08443', 'h:8443'],
  ['https://user:pw@h:1', 'h:1'],
  ['https://[::1]:8080/x', '[::1]:8080'],
  ['https://h:', 'h'],
])('host header of %s', (url, host) => expect(hostHeader(url)).toBe(host))

test.each(['https://h:abc', 'https://h:65536', 'https://h:-1'])('the port in %s is invalid', (url) => {
  expect(() => hostHeader(url)).toThrowError(expect.objectContaining({ code: 'ERR_ENDPOINT' }))
})

test.each([
  ['https://h:1/p?q#f', { scheme: 'https', authority: 'h:1', path: '/p', query: 'q', fragment: 'f' }],
  ['HTTP://H', { scheme: 'http', authority: 'H', path: '', query: '', fragment: '' }],
  ['h/p', { scheme: '', authority: '', path: 'h/p', query: '', fragment: '' }],
])('%s is split as written', (url, parts) => expect(splitUrl(url)).toEqual(parts))

test.each([
  ['https://h', true],
  ['http://[::1]:80/x', true],
  ['https://a_b', false],
  ['https://', false],
  ['h', false],
  ['https://h\n', false],
])('%j is an endpoint URL: %s', (url, expected) => expect(isEndpointUrl(url)).toBe(expected))
