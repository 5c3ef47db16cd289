import { expect, test } from 'vitest'
import { parseTokenText } from '../../src/token/token-text.ts'

const TOKEN = 'k8s-aws-v1.aHR0cHM6Ly9zdHMu'

test.each([
  [TOKEN, TOKEN, 'token'],
  [`  ${TOKEN}\n\n`, TOKEN, 'token'],
  [`"${TOKEN}"\n\n`, TOKEN, 'token'],
  [JSON.stringify({ kind: 'ExecCredential', status: { token: TOKEN } }), TOKEN, 'ExecCredential'],
  [JSON.stringify({ status: { token: TOKEN } }, undefined, 4), TOKEN, 'ExecCredential'],
  [JSON.stringify({ token: TOKEN }), TOKEN, 'ExecCredential'],
  [
    `client.authentication.k8s.io/v1\tExecCredential\nSTATUS\t2026-01-02T03:18:05Z\t${TOKEN}\n`,
    TOKEN,
    'ExecCredential',
  ],
  [`status:\n  token: ${TOKEN}\n`, TOKEN, 'ExecCredential'],
  [`Authorization: Bearer ${TOKEN}`, TOKEN, 'Authorization header'],
  [`authorization:bearer ${TOKEN}\r\n`, TOKEN, 'Authorization header'],
  [`Bearer ${TOKEN}`, TOKEN, 'Authorization header'],
  [`-H "Authorization: Bearer ${TOKEN}"`, TOKEN, 'Authorization header'],
  ['Bearer eyJhbGciOiJSUzI1NiJ9.e30.x', 'eyJhbGciOiJSUzI1NiJ9.e30.x', 'Authorization header'],
  [`-H"Authorization: Bearer ${TOKEN}"`, TOKEN, 'Authorization header'],
  [`-H  'authorization : bearer   ${TOKEN}'`, TOKEN, 'Authorization header'],
  ['a note: Bearer abc', 'a note: Bearer abc', 'token'],
  ['Bearer abc def', 'Bearer abc def', 'token'],
  [`curl -H "Authorization: Bearer ${TOKEN}" https://x`, TOKEN, 'ExecCredential'],
  [`${TOKEN} ${TOKEN}x`, `${TOKEN} ${TOKEN}x`, 'token'],
  [JSON.stringify([{ token: TOKEN }]), JSON.stringify([{ token: TOKEN }]), 'token'],
  ['{"status":{"token":5}}', '{"status":{"token":5}}', 'token'],
  ['{broken', '{broken', 'token'],
  ['hello', 'hello', 'token'],
])('%j contains a token', (text, token, kind) => expect(parseTokenText(text)).toEqual({ token, kind }))

test.each(['', ' ', '\n\n'])('%j contains no token', (text) => expect(parseTokenText(text)).toBeUndefined())
