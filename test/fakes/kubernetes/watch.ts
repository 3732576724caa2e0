import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expired } from './status.ts'
import { type KubeObject, selects, type Store, type StoredEvent } from './store.ts'

/** What one watch is of. */
export interface Watched {
  kind: KubeObject['kind']
  namespace: string | undefined
  selector: string
  /** 0 starts with everything there is. */
  version: number
  bookmarks: boolean
}

/** A watch that is being served. */
export interface OpenWatch extends Watched {
  bookmark(): void
  /** Tells that its version is too old, as after a compaction, and ends it. */
  expire(): void
  /** Ends it as a server does whose time for a watch is over. */
  end(): void
  /** Breaks the connection. */
  cut(): void
  write(line: string): void
  /** Resolves when the connection is closed. */
  closed: Promise<unknown>
}

/**
 * Streams events as lines of JSON from `version` on (Kubernetes API Concepts, "Efficient detection of changes"). An
 * object whose labels begin or cease to meet the selector would be ADDED or DELETED; no test changes labels.
 */
export function serveWatch(response: ServerResponse, store: Store, watched: Watched): OpenWatch {
  response.writeHead(200, { 'content-type': 'application/json' })
  const line = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`)
  const meant = ({ object }: StoredEvent) =>
    object.kind === watched.kind &&
    (watched.namespace === undefined || object.metadata.namespace === watched.namespace) &&
    selects(watched.selector, object.metadata.labels)
  const tell = (event: StoredEvent) => {
    if (meant(event)) line(event.type, event.object)
  }
  if (watched.version === 0) {
    for (const object of store.list(watched.kind, watched.namespace)) {
      tell({ type: 'ADDED', version: 0, object })
    }
  } else store.eventsAfter(watched.version).forEach(tell)
  // a head without a body would stay in the socket until the first event
  response.flushHeaders()
  const leave = store.listen(tell)
  response.once('close', leave)
  const end = () => {
    leave()
    response.end()
  }
  const expire = () => {
    line('ERROR', expired(watched.version, store.oldest()))
    end()
  }
  if (watched.version !== 0 && watched.version < store.oldest()) expire()
  return {
    ...watched,
    bookmark: () => {
      const metadata = { resourceVersion: String(store.version()), creationTimestamp: null }
      if (watched.bookmarks) line('BOOKMARK', { kind: watched.kind, apiVersion: 'v1', metadata })
    },
    expire,
    end,
    cut: () => void response.destroy(),
    write: (text) => void response.write(text),
    closed: once(response, 'close'),
  }
}
