import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { losesAnswer } from '../fakes/faults.ts'
import { expectNoBodyTwice, expectWhole, upload, wordOf } from '../oci/upload/fault-lab.ts'
import { columns, rows } from '../oci/upload/fault-rows.ts'
import { startDistribution } from './distribution.ts'
import type { RegistryProcess } from './registry-process.ts'

// docker-registry 2.8 is crossed with the same in test/oci/upload/faults.test.ts
describe('faults of the way to distribution 3', () => {
  let registry: RegistryProcess
  beforeAll(async () => {
    registry = await startDistribution()
  })
  afterAll(() => registry.stop())

  describe.concurrent.each(rows)('$way', (row) => {
    test.each(columns(row))('%s', async (shape, job, outcome) => {
      const uploaded = await upload(registry.url, row, job)
      // it says where a session stands, so chunks can do without an answer
      const resumed = shape === 'chunked' && row.faults.includes(losesAnswer)
      expect(wordOf(uploaded)).toBe(resumed ? 'chunked' : outcome)
      expectWhole(uploaded)
      expectNoBodyTwice(uploaded.seen)
    })
  })
})
