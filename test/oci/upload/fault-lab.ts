import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { createRegistryClient } from '../../../electron/oci/client.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import type { UploadJob } from '../../../electron/oci/upload/job.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import type { Strategy } from '../../../shared/model/upload.ts'
import { type Seen, startFaultProxy } from '../../fakes/fault-proxy.ts'
import type { Row } from './fault-rows.ts'

export const repository = 'charts/cart'
const blobBytes = 300_000
const chunkBytes = 100_000

export interface Uploaded {
  outcome: 'passes' | Failure
  strategy: Strategy | undefined
  seen: Seen[]
  /** The blob as the registry gives it back, past the proxy; undefined where it has none. */
  stored: Buffer | undefined
  sent: Buffer
}

/** One upload of random bytes to `registryUrl` over a way with these faults. */
export async function upload(
  registryUrl: string,
  row: Pick<Row, 'faults' | 'patience'>,
  job: Partial<UploadJob>,
): Promise<Uploaded> {
  const proxy = await startFaultProxy(registryUrl)
  proxy.inflict(...row.faults)
  const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  const client = createRegistryClient({
    transport,
    url: proxy.url,
    credential: undefined,
    wait: () => Promise.resolve(),
  })
  const sent = randomBytes(blobBytes)
  const blob = blobOfBytes(sent)
  try {
    const result = await uploadBlob({
      transport: client.transport,
      url: proxy.url,
      repository,
      blob,
      mode: 'auto',
      onEvent: () => undefined,
      ...(row.patience === undefined ? {} : { patience: row.patience }),
      ...job,
      limits: { chunkBytes, ...job.limits },
    }).catch((error: unknown) => error)
    const failed = result instanceof FailureError
    if (!failed && result instanceof Error) throw result
    const { strategy } = failed ? {} : (result as { strategy?: Strategy })
    const stored = await storedIn(registryUrl, blob.digest)
    return { outcome: failed ? result.failure : 'passes', strategy, seen: proxy.seen, stored, sent }
  } finally {
    await transport.close()
    await proxy.stop()
  }
}

async function storedIn(registryUrl: string, digest: string): Promise<Buffer | undefined> {
  const answer = await fetch(`${registryUrl}/v2/${repository}/blobs/${digest}`)
  const body = Buffer.from(await answer.arrayBuffer())
  return answer.status === 200 ? body : undefined
}

/** The right blob or nothing, and the right blob where the upload passed. */
export function expectWhole({ outcome, stored, sent }: Uploaded): void {
  if (outcome === 'passes' || stored !== undefined) expect(stored?.equals(sent)).toBe(true)
}

/** A session takes one body; chunks say which part they are. */
export function expectNoBodyTwice(seen: Seen[]): void {
  const bodies = seen
    .filter(({ method, bytes }) => (method === 'PATCH' || method === 'PUT') && bytes > 0)
    .filter(({ headers }) => headers['content-range'] === undefined)
    .map(({ path }) => path.split('?')[0])
  expect(new Set(bodies).size).toBe(bodies.length)
}

/** The shape that carried it, or the verdict. */
export function wordOf({ outcome, strategy }: Uploaded): string {
  if (outcome === 'passes') return strategy ?? 'passes'
  expect(outcome.next.length).toBeGreaterThan(0)
  expect(outcome.phase).toMatch(/^upload-/)
  return `${outcome.kind} by ${outcome.answeredBy}`
}
