import { afterAll, expect } from 'vitest'

// A worker runs one test file after the other in one process: what a file leaves behind there reaches the next one.
const environment = { ...process.env }
const directory = process.cwd()

afterAll(() => {
  expect({ ...process.env }, 'this file has changed the environment').toEqual(environment)
  expect(process.cwd(), 'this file has changed the current directory').toBe(directory)
})
