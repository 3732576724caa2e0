/** An object as the API serves it. */
export interface KubeObject {
  apiVersion: 'v1'
  kind: 'Pod' | 'Node'
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    labels: Record<string, string>
    [key: string]: unknown
  }
  [key: string]: unknown
}

/** What a test writes of an object; uid and version are the store's. */
export interface Draft {
  kind: KubeObject['kind']
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; [key: string]: unknown }
  [key: string]: unknown
}

export interface StoredEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  version: number
  object: KubeObject
}

/** Pods and nodes under one resource version, with the events a watch is served from. */
export interface Store {
  put(draft: Draft): KubeObject
  remove(kind: KubeObject['kind'], name: string, namespace?: string): void
  list(kind: KubeObject['kind'], namespace: string | undefined): KubeObject[]
  version(): number
  /** The oldest version a watch may start at. */
  oldest(): number
  /** Forgets the events there were, as etcd's compaction does. */
  compact(): void
  eventsAfter(version: number): StoredEvent[]
  /** Calls back at every event until the returned function is called. */
  listen(heard: (event: StoredEvent) => void): () => void
}

export function createStore(): Store {
  const objects = new Map<string, KubeObject>()
  const listeners = new Set<(event: StoredEvent) => void>()
  let events: StoredEvent[] = []
  // real clusters do not begin at 1 either
  let version = 1000
  let oldest = version

  const keyOf = (kind: string, name: string, namespace = '') => `${kind} ${namespace} ${name}`
  const tell = (type: StoredEvent['type'], object: KubeObject) => {
    const event = { type, version, object }
    events.push(event)
    for (const heard of listeners) heard(event)
  }

  return {
    put: (draft) => {
      version += 1
      const key = keyOf(draft.kind, draft.metadata.name, draft.metadata.namespace)
      const before = objects.get(key)
      const object: KubeObject = {
        ...draft,
        apiVersion: 'v1',
        metadata: {
          uid: before?.metadata.uid ?? `uid-${version}`,
          creationTimestamp: before?.metadata['creationTimestamp'] ?? '2026-11-22T08:00:00Z',
          labels: {},
          ...draft.metadata,
          resourceVersion: String(version),
        },
      }
      objects.set(key, object)
      tell(before === undefined ? 'ADDED' : 'MODIFIED', object)
      return object
    },
    remove: (kind, name, namespace) => {
      const key = keyOf(kind, name, namespace)
      const object = objects.get(key)
      if (object === undefined) throw new Error(`there is no ${key}`)
      version += 1
      objects.delete(key)
      tell('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } })
    },
    list: (kind, namespace) =>
      [...objects.values()]
        .filter((object) => object.kind === kind)
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
        .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)),
    version: () => version,
    oldest: () => oldest,
    compact: () => {
      version += 1
      oldest = version
      events = []
    },
    eventsAfter: (after) => events.filter((event) => event.version > after),
    listen: (heard) => {
      listeners.add(heard)
      return () => listeners.delete(heard)
    },
  }
}

/** etcd lists by key: namespace, then name. */
function sortKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** Whether labels meet a selector: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b,c)`, joined by commas. */
export function selects(selector: string, labels: Readonly<Record<string, string>>): boolean {
  return splitSelector(selector).every((part) => {
    const set = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(part)
    if (set !== null) {
      const [, key = '', operator, values = ''] = set
      const inside = values.split(',').includes(labels[key] ?? '\0')
      return operator === 'in' ? inside : !inside
    }
    const [, key = '', operator, value] = /^(!?[^!=]+)(?:(!=|==?)(.*))?$/.exec(part) ?? []
    if (key.startsWith('!')) return labels[key.slice(1)] === undefined
    if (operator === undefined) return labels[key] !== undefined
    return operator === '!=' ? labels[key] !== value : labels[key] === value
  })
}

function splitSelector(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
