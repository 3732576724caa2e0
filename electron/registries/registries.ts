import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { failureError } from '../../shared/model/local-failure.ts'
import type { ArtifactDetail } from '../../shared/model/manifest.ts'
import type {
  CredentialDraft,
  RegistryDraft,
  RegistryEntry,
  RegistryTest,
} from '../../shared/model/registry.ts'
import { homeOf, resolveCredential } from '../credentials/credentials.ts'
import type { Environment } from '../credentials/helper.ts'
import { openDocument } from '../document.ts'
import type { Transport } from '../oci/ask.ts'
import type { ResolvedCredential } from '../oci/credential.ts'
import type { NamePage, NameTotal } from '../oci/catalog.ts'
import { createRegistryClient, type RegistryClient } from '../oci/client.ts'
import type { Ping } from '../oci/ping.ts'
import type { Clock, Vault } from '../ports.ts'
import { readArtifact } from './artifact.ts'
import { draftOf, keepSecret, keepsSecret, type Saved, savedListSchema, savedOf, vaultKey } from './saved.ts'

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
  ping(id: string, signal?: AbortSignal): Promise<RegistryTest>
  repositories(id: string, signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  tags(id: string, repository: string, signal?: AbortSignal): AsyncGenerator<NamePage, NameTotal>
  artifact(id: string, repository: string, reference: string, signal?: AbortSignal): Promise<ArtifactDetail>
  client(id: string): Promise<RegistryClient>
  setDemo(demo: DemoRegistry | undefined): void
}

/**
 * Keeps the list in `directory`/registries.json and passwords in `vault` alone, under `registry:<id>`.
 * A password belongs to the origin it was given for: an entry whose address changes loses it.
 */
export function createRegistries(ports: {
  directory: string
  vault: Vault
  transport: Transport
  env: Environment
  /** Decides when tokens end; the system's clock where none is given. */
  clock?: Clock
}): Registries {
  const { vault, transport, env } = ports
  const clock = ports.clock ?? { now: Date.now }
  const document = openDocument(join(ports.directory, 'registries.json'), savedListSchema, { entries: [] })
  const home = homeOf(env)
  const clients = new Map<string, RegistryClient>()
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
    demo: saved.id === demo?.id,
  })
  const credentialOf = (url: string, draft: CredentialDraft, id: string | undefined) =>
    resolveCredential({
      url,
      draft,
      vault,
      env,
      home,
      ...(id !== undefined ? { vaultKey: vaultKey(id) } : {}),
    })

  const client = async (id: string): Promise<RegistryClient> => {
    const known = clients.get(id)
    if (known !== undefined) return known
    const saved = await find(id)
    const { url, credential } = saved
    const resolved = await credentialOf(url, draftOf(saved), id)
    const made = createRegistryClient({ transport, url, credential: resolved, clock })
    // what docker's configuration says may change at any time, so it is read anew
    if (credential.source !== 'docker-config') clients.set(id, made)
    return made
  }

  return {
    list: async () => {
      const { entries } = await document.read()
      const shown =
        demo === undefined ? entries : [{ ...demo, credential: { source: 'anonymous' as const } }, ...entries]
      return Promise.all(shown.map(entryOf))
    },
    add: async (draft) => {
      const saved = savedOf(randomUUID(), draft)
      await keepSecret(vault, saved.id, draft)
      await document.change(({ entries }) => ({ entries: [...entries, saved] }))
      return entryOf(saved)
    },
    update: async (id, draft) => {
      if (demo?.id === id) throw demoIsFixed()
      const before = await find(id)
      const saved = savedOf(id, draft)
      if (!keepsSecret(before, draft)) await vault.remove(vaultKey(id))
      await keepSecret(vault, id, draft)
      await document.change(({ entries }) => ({
        entries: entries.map((entry) => (entry.id === id ? saved : entry)),
      }))
      clients.delete(id)
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
      clients.delete(id)
      return { removed }
    },
    test: async (draft, id, signal) => {
      const lender = id === undefined ? undefined : await find(id)
      const lends = lender !== undefined && keepsSecret(lender, draft)
      const credential = await credentialOf(draft.url, draft.credential, lends ? id : undefined)
      const tried = createRegistryClient({ transport, url: draft.url, credential, clock })
      return testOf(await tried.ping(signal), credential)
    },
    ping: async (id, signal) => {
      const saved = await find(id)
      const resolved = await credentialOf(saved.url, draftOf(saved), id)
      return testOf(await (await client(id)).ping(signal), resolved)
    },
    async *repositories(id, signal) {
      return yield* (await client(id)).repositories(signal)
    },
    async *tags(id, repository, signal) {
      return yield* (await client(id)).tags(repository, signal)
    },
    artifact: async (id, repository, reference, signal) =>
      readArtifact(await client(id), repository, reference, signal),
    client,
    setDemo: (next) => {
      if (demo !== undefined) clients.delete(demo.id)
      demo = next
    },
  }
}

function testOf(ping: Ping, credential: ResolvedCredential | undefined): RegistryTest {
  return { ...ping, credential: credential?.source ?? 'anonymous' }
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
