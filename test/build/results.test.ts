import { expect, test } from 'vitest'
import { addCounts, closingLine, countPlaywright, countVitest } from '../../build/results.ts'

const file = (status: string, ...statuses: string[]) => ({
  status,
  assertionResults: statuses.map((status) => ({ status })),
})

test('counts what vitest reports, and a file that did not load as a failure', () => {
  const report = {
    testResults: [
      file('passed', 'passed', 'passed', 'pending', 'todo'),
      file('failed', 'passed', 'failed', 'failed'),
      file('failed'),
    ],
  }
  expect(countVitest(report)).toEqual({ passed: 3, failed: 3, skipped: 2 })
})

test('counts what Playwright reports; a test that needed a second try failed', () => {
  const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 2 }
  expect(countPlaywright({ stats, errors: [{ message: 'no such file' }] })).toEqual({
    passed: 7,
    failed: 3,
    skipped: 2,
  })
})

test('a report of another shape is an error, not a zero', () => {
  expect(() => countVitest({})).toThrow()
  expect(() => countPlaywright({ stats: {} })).toThrow()
})

test('the closing line has the form that tools read', () => {
  const total = addCounts({ passed: 1, failed: 0, skipped: 2 }, { passed: 10, failed: 3, skipped: 0 })
  expect(closingLine(total)).toBe('11 passed, 3 failed, 2 skipped')
})
