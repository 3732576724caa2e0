import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UploadMode } from '../../shared/model/upload.ts'
import { losesAnswer } from '../fakes/faults.ts'
import { expectNoBodyTwice, expectWhole, upload, wordOf } from '../oci/upload/fault-lab.ts'
import { columns, type Row, rows } from '../oci/upload/fault-rows.ts'
import { startDistribution } from './distribution.ts'
import type { RegistryProcess } from './registry-process.ts'

/**
 * It keeps what arrived of a chunk and says where the session stands: where every body breaks, but not before some of
 * it has passed, chunks get through in the end and no other shape does. A 401 keeps auto from trying them.
 */
function endures(row: Row, mode: UploadMode | undefined, outcome: string): boolean {
  const moves = row.faults.some((fault) => fault.afterBytes !== undefined || fault === losesAnswer)
  if (mode === 'chunked' && moves && outcome === 'unauthorized by registry') return true
  const breaks = outcome === 'connection-lost by nobody' || outcome === 'timeout by nobody'
  return moves && breaks && (mode === 'chunked' || mode === 'auto')
}

// docker-registry 2.8 is crossed with the same in test/oci/upload/faults.test.ts
describe('faults of the way to distribution 3', () => {
  let registry: RegistryProcess
  beforeAll(async () => {
    registry = await startDistribution()
  })
  afterAll(() => registry.stop())

  describe.concurrent.each(rows)('$way', (row) => {
    test.each(columns(row))('%s', async (_shape, job, outcome) => {
      const uploaded = await upload(registry.url, row, job)
      expect(wordOf(uploaded)).toBe(endures(row, job.mode, outcome) ? 'chunked' : outcome)
      expectWhole(uploaded)
      expectNoBodyTwice(uploaded.seen)
    })
  })
})
