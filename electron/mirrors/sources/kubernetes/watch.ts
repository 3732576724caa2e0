import type { Readable } from 'node:stream'
import type { z } from 'zod'
import { FailureError } from '../../../../shared/model/failure.ts'
import { jsonOf, refusal } from '../../../oci/refusal.ts'
import type { Ask } from '../../../oci/ask.ts'
import { apiAsk, type KubeApi, type KubeQuery, notKubernetes, statusFailure } from './api.ts'
import { statusSchema, versionSchema, watchEventSchema } from './objects.ts'

/** Seconds after which the API server is to end a watch, which is then begun again; it sends bookmarks before. */
const watchSeconds = 240
/** Milliseconds of silence: longer than a watch lasts, bookmarks or not. */
const patience = 270_000
/** Bytes of one event, and of all that one watch may bring. */
const eventBytes = 4 * 1024 * 1024
const watchBytes = 512 * 1024 * 1024

/** What a watch tells. `version` is where a later watch goes on. */
export interface WatchTold<T> {
  /** The API server took the watch: from now on nothing is missed. */
  begun: () => void
  put: (item: T, version: string) => void
  removed: (item: T, version: string) => void
  bookmark: (version: string) => void
}

/**
 * Follows what becomes of a list from `resourceVersion` on, until the API server ends it, as it does every few minutes
 * (Kubernetes API Concepts, "Efficient detection of changes"). Throws a FailureError where it is refused or broke off;
 * one of status 410 means that the list has to be read anew.
 */
export async function watchOnce<S extends z.ZodType>(
  api: KubeApi,
  { path, query }: KubeQuery,
  from: { resourceVersion: string; item: S; signal: AbortSignal },
  told: WatchTold<z.infer<S>>,
): Promise<void> {
  const asked = {
    path,
    query: {
      ...query,
      watch: 'true',
      resourceVersion: from.resourceVersion,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds),
    },
  }
  const url = await api.address(asked, from.signal)
  const ask: Ask = { ...apiAsk(url), signal: from.signal, maxBytes: watchBytes, patience }
  const { host } = new URL(url)
  const answer = await api.transport.open(ask)
  if (answer.status !== 200) {
    // of an error the transport keeps as much as explains it; of anything else nothing is read
    const body = answer.status < 400 ? [] : await answer.stream.toArray()
    answer.stream.destroy()
    throw refusal(ask, { ...answer, body: Buffer.concat(body as Buffer[]) })
  }
  told.begun()
  for await (const line of linesOf(answer.stream, host)) {
    const event = watchEventSchema.safeParse(jsonOf(line)).data
    if (event === undefined) throw notKubernetes(host, 'a watch with an event that breaks its format')
    if (event.type === 'ERROR') {
      const code = statusSchema.safeParse(event.object).data?.code
      throw new FailureError(
        statusFailure(event.object, code !== undefined && code >= 400 ? code : 500, host),
      )
    }
    const version = versionSchema.safeParse(event.object).data?.metadata.resourceVersion
    if (version === undefined) throw notKubernetes(host, 'a watch with an event without a version')
    if (event.type === 'BOOKMARK') {
      told.bookmark(version)
      continue
    }
    const item = from.item.safeParse(event.object)
    if (!item.success) throw notKubernetes(host, 'a watch with an object that breaks its format')
    const tell = event.type === 'DELETED' ? told.removed : told.put
    tell(item.data, version)
  }
}

/** Lines of bounded length; one that ends with the stream instead of a line end was cut off and is left out. */
async function* linesOf(stream: Readable, host: string): AsyncGenerator<Uint8Array> {
  let held: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...held, chunk.subarray(start, end)])
      held = []
      length = 0
      start = end + 1
    }
    const rest = chunk.subarray(start)
    length += rest.length
    if (length > eventBytes)
      throw notKubernetes(host, `a watch with an event of more than ${eventBytes} bytes`)
    held.push(rest)
  }
}
