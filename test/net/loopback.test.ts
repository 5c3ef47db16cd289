import { expect, test } from 'vitest'
import { isLoopback } from '../../src/net/loopback.ts'

test.each(['127.0.0.1', '127.8.9.10', 'localhost', '[::1]'])('%s is a loopback host', (host) => {
  expect(isLoopback(host)).toBe(true)
})

test.each(['127.0.0.1.example.com', 'localhost.example.com', '10.0.0.1', '0.0.0.0', '::1', ''])(
  '%j is not a loopback host',
  (host) => expect(isLoopback(host)).toBe(false),
)
