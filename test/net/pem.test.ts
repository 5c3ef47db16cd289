import { rootCertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { pemProblem } from '../../src/net/pem.ts'

const [good = '', other = ''] = rootCertificates
const base64 = good.replace(/-----.*-----/g, '')
const damaged = good.replace(/\n..../, '\nAAAA')

test.each([
  ['a certificate', good],
  ['several, with comments', `# one\n${other}\n# two\n${good}\n`],
  ['one behind a damaged one', `${damaged}\n${good}\n`],
  ['CRLF line breaks', good.replaceAll('\n', '\r\n')],
  ['a form that only OpenSSL has', good.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
])('%s is usable', (_, text) => {
  expect(good).toMatch(/^-----BEGIN CERTIFICATE-----\n/)
  expect(pemProblem(text)).toBeUndefined()
})

test.each([
  ['an empty file', '', 'it has no certificate in PEM format: it is empty'],
  ['blanks', ' \n', 'it has no certificate in PEM format: it is empty'],
  ['text', 'hello\n', 'it has no certificate in PEM format'],
  [
    'a private key',
    '-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n',
    'it has no certificate in PEM format: it contains PRIVATE KEY',
  ],
  ['UTF-16', `\ufffd\ufffd${good.replace(/./gs, '$&\0')}`, 'it has no certificate in PEM format: it is UTF-16 text'],
  ['DER', Buffer.from(base64, 'base64').toString('utf8'), 'it has no certificate in PEM format: it is in DER format'],
  ['base64', base64, 'it has no certificate in PEM format: the line -----BEGIN CERTIFICATE----- is missing'],
  ['a part of one', good.slice(0, 300), 'its certificate is cut off: -----END CERTIFICATE----- is missing'],
  ['a damaged one', damaged, 'its certificate is damaged'],
  ['damaged ones', `${damaged}\n${damaged}\n`, 'its certificates are damaged'],
])('%s is not, and the reason is named', (_, text, problem) => {
  expect(pemProblem(text)).toBe(problem)
})
