import { expect, it } from 'vitest'
import { createProgress, type Progress } from '../../../electron/oci/upload/progress.ts'

function meter(total: number) {
  let time = 0
  const reports: Progress[] = []
  const progress = createProgress({
    total,
    clock: { now: () => time },
    report: (report) => reports.push(report),
  })
  return {
    reports,
    at: (milliseconds: number, sent: number) => {
      time = milliseconds
      progress.at(sent)
    },
  }
}

it('reports ten times a second at most, and never leaves out the end', () => {
  const { reports, at } = meter(1000)
  for (let time = 0; time < 1000; time += 1) at(time, time)
  at(1000, 1000)
  expect(reports.length).toBeLessThanOrEqual(12)
  expect(reports[0]?.sent).toBe(0)
  expect(reports.at(-1)).toMatchObject({ sent: 1000, total: 1000, secondsLeft: 0 })
})

it('tells of a leap at once, for nothing more may come where the way is stuck', () => {
  const { reports, at } = meter(1000)
  at(0, 0)
  at(1, 250)
  at(2, 260)
  expect(reports.map(({ sent }) => sent)).toEqual([0, 250])
})

it('tells no rate before there is one to tell', () => {
  const { reports, at } = meter(10_000)
  at(0, 0)
  at(200, 5000)
  expect(reports.at(-1)).toEqual({ sent: 5000, total: 10_000 })
  at(1000, 6000)
  expect(reports.at(-1)).toEqual({ sent: 6000, total: 10_000, rate: 6000, secondsLeft: 4000 / 6000 })
})

it('takes the rate of the last seconds, not of the whole upload', () => {
  const { reports, at } = meter(1_000_000)
  for (let time = 0; time <= 10_000; time += 500) at(time, time * 10)
  for (let time = 10_500; time <= 14_000; time += 500) at(time, 100_000 + (time - 10_000))
  expect(reports.at(-1)?.rate).toBe(1000)
})

it('begins anew when a try failed and the next starts at nothing', () => {
  const { reports, at } = meter(10_000)
  at(0, 0)
  at(1000, 8000)
  at(1100, 0)
  expect(reports.at(-1)).toEqual({ sent: 0, total: 10_000 })
  at(2100, 1000)
  expect(reports.at(-1)?.rate).toBe(1000)
})

it('is silent while nothing moves', () => {
  const { reports, at } = meter(10)
  at(0, 5)
  at(5000, 5)
  expect(reports).toHaveLength(1)
})
