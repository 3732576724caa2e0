import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { FailureError, type FailureKind } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { ArtifactDetail, Referrers } from '../../shared/model/manifest.ts'
import type { RegistryDraft, RegistryEntry, RegistryTest, TlsReport } from '../../shared/model/registry.ts'
import type { Resolution } from '../credentials/credentials.ts'
import type { Environment } from '../credentials/helper.ts'
import { createMachine } from '../credentials/machine.ts'
import { openDocument } from '../document.ts'
import type { NamePage, NameTotal } from '../oci/catalog.ts'
import type { RegistryClient } from '../oci/client.ts'
import type { Ping } from '../oci/ping.ts'
import { tlsReport } from '../oci/tls/report.ts'
import { keepClientKey, type SavedTls, shownTls, tlsOfDraft } from '../oci/tls/saved.ts'
import type { Clock } from '../ports.ts'
import { readArtifact } from './artifact.ts'
import { type Asked, type ClientPorts, createClients } from './clients.ts'
import {
  draftOf,
  isSamePlace,
  keepSecret,
  keepsSecret,
  keyVaultKey,
  type Saved,
  savedListSchema,
  savedOf,
  vaultKey,
} from './saved.ts'

const aboutWhoAsks: ReadonlySet<FailureKind> = new Set(['unauthorized', 'denied', 'input-invalid'])

/** The embedded registry while the demo runs; never saved. */
export interface DemoRegistry {
  id: string
  name: string
  url: string
}

/** The saved registries, and what is asked of them. Every method throws a FailureError where it fails. */
export interface Registries {
  list(): Promise<RegistryEntry[]>
  add(draft: RegistryDraft): Promise<RegistryEntry>
  update(id: string, draft: RegistryDraft): Promise<RegistryEntry>
  remove(id: string): Promise<{ removed: boolean }>
  /** Asks GET /v2/ as `draft` says; the entry `id` lends its stored password where the address is the same. */
  test(draft: RegistryDraft, id: string | undefined, signal?: AbortSignal): Promise<RegistryTest>
  /** Looks at the TLS `draft` would meet, with what is trusted for it; nothing is asked of the registry. */
  tlsReport(draft: RegistryDraft, id: string | undefined, signal?: AbortSignal): Promise<TlsReport>
  ping(id: string, signal?: AbortSignal): Promise<RegistryTest>
  repositories(id: string, signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  tags(id: string, repository: string, signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  artifact(id: string, repository: string, reference: string, signal?: AbortSignal): Promise<ArtifactDetail>
  /** What refers to a manifest, of one type where `artifactType` is given. */
  referrers(
    asked: { id: string; repository: string; digest: string; artifactType?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Referrers>
  client(id: string): Promise<RegistryClient>
  /** A client of its own that goes straight, or through the relay at that loopback port, whichever runs. */
  clientOver(id: string, relayPort: number | undefined): Promise<RegistryClient>
  /** What a repository of it is asked with, and every place that was looked at; the secret stays in this process. */
  credentialOf(id: string, repository: string | undefined): Promise<Resolution>
  /** The address: `https://host[:port]`. */
  urlOf(id: string): Promise<string>
  setDemo(demo: DemoRegistry | undefined): void
}

/**
 * Keeps the list in `directory`/registries.json and secrets in `vault` alone: passwords under `registry:<id>`, keys of
 * client certificates under `registry:<id>:key`. They belong to the origin they were given for: an entry whose
 * address changes loses them.
 */
export function createRegistries(
  ports: Omit<ClientPorts, 'machine' | 'clock'> & {
    directory: string
    /** Names the log-ins of this machine. */
    env: Environment
    /** The proxy the transport uses for an address: a TLS report goes the same way. */
    proxyOf?: (url: URL) => string | undefined
    /** Decides when tokens end; the system's clock where none is given. */
    clock?: Clock
  },
): Registries {
  const { vault } = ports
  const clock = ports.clock ?? { now: Date.now }
  const document = openDocument(join(ports.directory, 'registries.json'), savedListSchema, { entries: [] })
  const machine = createMachine({ env: ports.env, clock })
  const clients = createClients({ ...ports, clock, machine })
  let demo: DemoRegistry | undefined

  const find = async (id: string): Promise<Saved> => {
    if (demo?.id === id) return { ...demo, credential: { source: 'anonymous' } }
    const saved = (await document.read()).entries.find((entry) => entry.id === id)
    if (saved === undefined) throw noSuchRegistry()
    return saved
  }
  const entryOf = async (saved: Saved): Promise<RegistryEntry> => ({
    id: saved.id,
    name: saved.name,
    url: saved.url,
    credential: {
      source: saved.credential.source,
      ...(saved.credential.username !== undefined ? { username: saved.credential.username } : {}),
      hasSecret:
        saved.credential.source === 'password' && (await vault.get(vaultKey(saved.id))) !== undefined,
    },
    tls: await shownTls(vault, keyVaultKey(saved.id), saved.tls),
    demo: saved.id === demo?.id,
  })
  const askedOf = (saved: Saved): Asked => ({
    url: saved.url,
    credential: draftOf(saved),
    id: saved.id,
    tls: { tls: saved.tls, id: saved.id },
  })
  /** A draft on trial; the entry `id` lends what the draft leaves out. */
  const onTrial = async (draft: RegistryDraft, id: string | undefined): Promise<Asked> => {
    const lender = id === undefined ? undefined : await find(id)
    const { saved, key } = tlsOfDraft(draft.tls, keptTls(lender, draft))
    return {
      url: draft.url,
      credential: draft.credential,
      id: lender !== undefined && keepsSecret(lender, draft) ? id : undefined,
      tls: { tls: saved, clientKey: key, id },
    }
  }
  const client = async (id: string): Promise<RegistryClient> => clients.of(id, askedOf(await find(id)))

  return {
    list: async () => {
      const { entries } = await document.read()
      const shown =
        demo === undefined ? entries : [{ ...demo, credential: { source: 'anonymous' as const } }, ...entries]
      return Promise.all(shown.map(entryOf))
    },
    add: async (draft) => {
      const tls = tlsOfDraft(draft.tls, undefined)
      const saved = savedOf(randomUUID(), draft, tls.saved)
      await keepSecret(vault, saved.id, draft)
      await keepClientKey(vault, keyVaultKey(saved.id), tls)
      await document.change(({ entries }) => ({ entries: [...entries, saved] }))
      return entryOf(saved)
    },
    update: async (id, draft) => {
      if (demo?.id === id) throw demoIsFixed()
      const before = await find(id)
      const tls = tlsOfDraft(draft.tls, keptTls(before, draft))
      const saved = savedOf(id, draft, tls.saved)
      await keepClientKey(vault, keyVaultKey(id), tls)
      if (!keepsSecret(before, draft)) await vault.remove(vaultKey(id))
      await keepSecret(vault, id, draft)
      await document.change(({ entries }) => ({
        entries: entries.map((entry) => (entry.id === id ? saved : entry)),
      }))
      clients.forget(id)
      return entryOf(saved)
    },
    remove: async (id) => {
      if (demo?.id === id) throw demoIsFixed()
      let removed = false
      await document.change(({ entries }) => {
        removed = entries.some((entry) => entry.id === id)
        return { entries: entries.filter((entry) => entry.id !== id) }
      })
      await vault.remove(vaultKey(id))
      await vault.remove(keyVaultKey(id))
      clients.forget(id)
      return { removed }
    },
    test: async (draft, id, signal) => {
      const asked = await onTrial(draft, id)
      machine.forget()
      const resolution = await clients.resolve(asked, { peek: true })
      try {
        return testOf(await (await clients.make(asked)).ping(signal), resolution)
      } catch (error) {
        throw withConsidered(error, resolution)
      }
    },
    tlsReport: async (draft, id, signal) => {
      const { url } = draft
      const { connection, trust } = await clients.reachedBy(await onTrial(draft, id))
      const proxy = ports.proxyOf?.(new URL(url))
      return tlsReport({
        url,
        connection: { ...(proxy !== undefined ? { proxy } : {}), ...connection },
        authorities: trust.authorities,
        unread: trust.unread,
        clock,
        signal,
      })
    },
    ping: async (id, signal) => {
      const saved = await find(id)
      const resolution = await clients.resolve(askedOf(saved))
      return testOf(await (await client(id)).ping(signal), resolution)
    },
    async *repositories(id, signal) {
      return yield* (await client(id)).repositories(signal)
    },
    async *tags(id, repository, signal) {
      return yield* (await client(id)).tags(repository, signal)
    },
    artifact: async (id, repository, reference, signal) =>
      readArtifact(await client(id), repository, reference, signal),
    referrers: async ({ id, repository, digest, artifactType }, signal) =>
      (await client(id)).referrers(repository, digest, { artifactType, signal }),
    client,
    clientOver: async (id, relayPort) => clients.make(askedOf(await find(id)), { relayPort }),
    credentialOf: async (id, repository) => clients.resolve(askedOf(await find(id)), { repository }),
    urlOf: async (id) => (await find(id)).url,
    setDemo: (next) => {
      if (demo !== undefined) clients.forget(demo.id)
      demo = next
    },
  }
}

function keptTls(before: Saved | undefined, draft: RegistryDraft): SavedTls | undefined {
  return before !== undefined && isSamePlace(before, draft) ? before.tls : undefined
}

function testOf(ping: Ping, { credential, considered }: Resolution): RegistryTest {
  return { ...ping, credential: credential?.source ?? 'anonymous', considered }
}

/** A refusal of who asks says where a credential was looked for. */
function withConsidered(error: unknown, { considered }: Resolution): unknown {
  if (!(error instanceof FailureError) || !aboutWhoAsks.has(error.failure.kind)) return error
  const looked = considered
    .filter(({ outcome }) => outcome !== 'absent')
    .map(({ source, place, outcome, detail }) => {
      const why = detail === undefined ? '' : `. ${detail}`
      const value = `${[source, place].filter((part) => part !== '').join(' ')}: ${outcome}${why}`
      return { fact: 'credential' as const, value: value.slice(0, 500) }
    })
  const evidence = [...error.failure.evidence, ...looked]
  return new FailureError({ ...error.failure, evidence }, { cause: error })
}

function noSuchRegistry() {
  return failureError('no-such-item', 'input', 'There is no such registry in the list (any more).')
}

function demoIsFixed() {
  return failureError(
    'input-invalid',
    'input',
    'The demo registry can be neither changed nor removed: stop the demo.',
  )
}
