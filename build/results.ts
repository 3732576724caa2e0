import { z } from 'zod'

/** Tests of one stage or of all. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
})

const playwrightReport = z.object({
  errors: z.array(z.unknown()),
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
})

/** Counts vitest's JSON report; a file that failed without a failed test (it did not load) is one failure. */
export function countVitest(report: unknown): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of vitestReport.parse(report).testResults) {
    const statuses = file.assertionResults.map((test) => test.status)
    const failed = statuses.filter((status) => status === 'failed').length
    const passed = statuses.filter((status) => status === 'passed').length
    counts.passed += passed
    counts.failed += file.status === 'failed' ? Math.max(failed, 1) : failed
    counts.skipped += statuses.length - passed - failed
  }
  return counts
}

/** Counts Playwright's JSON report; a test that passed only when it was run again failed. */
export function countPlaywright(report: unknown): Counts {
  const { stats, errors } = playwrightReport.parse(report)
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  }
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** The last line of a run, which tools read. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
