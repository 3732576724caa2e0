import { createRouterClient, type RouterClient } from '@orpc/server'
import { type App, createApp } from '../../electron/app.ts'
import type { AppRouter } from '../../electron/router.ts'
import { createMemoryVault } from '../../electron/vault-memory.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import type { QueueEvent, QueueItem, QueueStatus } from '../../shared/model/queue.ts'

/** One run of the app on a profile, and a window that watches its queue. */
export interface Run {
  app: App
  client: RouterClient<AppRouter>
  window: Window
  /** Takes archives in and puts them at the end of the queue; resolves to their ids when all are read. */
  add(...archives: Array<{ name: string; bytes: Uint8Array }>): Promise<string[]>
  close(): Promise<void>
}

/** What a window knows of the queue: nothing but what it heard. */
export interface Window {
  items: Map<string, QueueItem>
  exchanges: Map<string, Exchange[]>
  heard: QueueEvent['type'][]
  /** Settles once `holds`; fails the test by its own time limit. */
  until(holds: (window: Window) => boolean): Promise<void>
  /** Settles once an item is in one of these states, with it. */
  reached(id: string, ...statuses: QueueStatus[]): Promise<QueueItem>
  leave(): void
}

export async function startRun(directory: string): Promise<Run> {
  const app = await createApp({
    directory,
    clock: Date,
    vault: createMemoryVault(),
    env: { HOME: directory },
    host: { opensFiles: false, openExternal: async () => false },
  })
  const client = createRouterClient(app.router)
  const window = openWindow(client)
  return {
    app,
    client,
    window,
    add: async (...archives) => {
      const files = []
      for (const { name, bytes } of archives) {
        files.push({ ticket: await app.intake.accept(name, once(bytes)), fileName: name })
      }
      const { ids } = await client.publish.enqueue({ files })
      await window.until(({ items }) =>
        ids.every((id) => !['reading', undefined].includes(items.get(id)?.status)),
      )
      return ids
    },
    close: async () => {
      window.leave()
      await app.close()
    },
  }
}

export function openWindow(client: RouterClient<AppRouter>): Window {
  const left = new AbortController()
  const waiting: Array<{ holds: (window: Window) => boolean; found: () => void }> = []
  const window: Window = {
    items: new Map(),
    exchanges: new Map(),
    heard: [],
    until: (holds) =>
      new Promise((found) => {
        if (holds(window)) found()
        else waiting.push({ holds, found })
      }),
    reached: async (id, ...statuses) => {
      await window.until(({ items }) => statuses.some((status) => items.get(id)?.status === status))
      const item = window.items.get(id)
      if (item === undefined) throw new Error('the item is gone')
      return item
    },
    leave: () => left.abort(),
  }
  const follow = async (): Promise<void> => {
    for await (const event of await client.publish.queue(undefined, { signal: left.signal })) {
      window.heard.push(event.type)
      apply(window, event)
      for (const each of waiting) if (each.holds(window)) each.found()
    }
  }
  // it ends with the window or the app
  follow().catch(() => undefined)
  return window
}

function apply({ items, exchanges }: Window, event: QueueEvent): void {
  if (event.type === 'all') for (const item of event.items) items.set(item.id, item)
  else if (event.type === 'item') items.set(event.item.id, event.item)
  else if (event.type === 'removed') items.delete(event.id)
  else if (event.type === 'progress') {
    const item = items.get(event.id)
    if (item !== undefined) items.set(event.id, { ...item, progress: event.progress })
  } else {
    const before = event.anew ? [] : (exchanges.get(event.id) ?? [])
    exchanges.set(event.id, [...before, ...event.exchanges])
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
