import { randomBytes } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Transport } from '../../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../../electron/oci/client.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import type { UploadEvent, UploadJob } from '../../../electron/oci/upload/job.ts'
import { type FaultProxy, type Seen, startFaultProxy, type Stroke } from '../../fakes/fault-proxy.ts'
import { htmlAnswer, registryAnswer } from '../../fakes/faults.ts'

export const repository = 'charts/cart'

/** A page that comes before the registry got anything of the body. */
export const html = (status: number, afterBytes = 0): Stroke => ({
  afterBytes,
  collects: true,
  does: htmlAnswer(statusOf(status)),
})
/** What the registry itself would say. */
export const fromRegistry = (status: number, code: string): Stroke => ({
  does: registryAnswer(statusOf(status), code),
})
/** An answer of nothing but its head. */
export const reply = (status: number, headers: Record<string, string> = {}, afterBytes = 0): Stroke => ({
  afterBytes,
  collects: true,
  does: { answer: { status: statusOf(status), headers, body: '' } },
})
const statusOf = (status: number) => `${status} ${STATUS_CODES[status] ?? ''}`
export const isBody = ({ method, headers }: Seen) =>
  (method === 'PATCH' || method === 'PUT') && headers['content-length'] !== '0'
export const isPatch = ({ method }: Seen) => method === 'PATCH'

/** A job that keeps its events. */
export type Job = UploadJob & { events: UploadEvent[] }

/** A registry behind a proxy that breaks what a test tells it to, and a client that is logged in. */
export interface UploadLab {
  proxy: FaultProxy
  client: RegistryClient
  transport: Transport
  /** 300,000 random bytes for `repository` in mode auto, unless told otherwise. */
  job(more?: Partial<UploadJob>): Job
  /** What reached the proxy: method and Content-Length, without the HEADs. */
  wire(): string[]
  /** Size of a blob in the registry. */
  stored(digest: string): Promise<{ size?: number } | undefined>
  /** Forgets faults and requests. */
  reset(): void
  stop(): Promise<void>
}

export async function openUploadLab(
  registryUrl: string,
  login?: { username: string; password: string },
): Promise<UploadLab> {
  const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  const proxy = await startFaultProxy(registryUrl)
  const credential = login === undefined ? undefined : ({ source: 'password', ...login } as const)
  const client = createRegistryClient({
    transport,
    url: proxy.url,
    credential,
    wait: () => Promise.resolve(),
  })
  // warms the credential, so that the requests a test counts are the upload's own
  await client.ping()
  return {
    proxy,
    client,
    transport,
    job: (more = {}) => {
      const events: UploadEvent[] = []
      return {
        transport: client.transport,
        url: proxy.url,
        repository,
        blob: blobOfBytes(randomBytes(300_000)),
        mode: 'auto',
        events,
        onEvent: (event) => events.push(event),
        ...more,
      }
    },
    wire: () =>
      proxy.seen
        .filter(({ method }) => method !== 'HEAD')
        .map(({ method, headers }) => `${method} ${headers['content-length'] ?? 'chunked'}`),
    stored: (digest) => client.headBlob(repository, digest),
    reset: () => proxy.inflict(),
    stop: async () => {
      await transport.close()
      await proxy.stop()
    },
  }
}
