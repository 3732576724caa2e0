import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  agentAddressSchema,
  type SourceCredentialDraft,
  type SourceDraft,
  type SourceEntry,
  type SourceSettings,
  sourceSettingsSchema,
} from '../../../shared/model/mirror-source.ts'
import { type Document, openDocument } from '../../document.ts'
import { savedTlsSchema, type SavedTls, shownTls } from '../../oci/tls/saved.ts'
import type { Vault } from '../../ports.ts'
import { metricsUrl } from '../address.ts'

const savedSourceSchema = z.object({
  id: z.string(),
  name: z.string(),
  settings: sourceSettingsSchema,
  credential: z.object({ kind: z.enum(['none', 'basic', 'bearer']), username: z.string().optional() }),
  tls: savedTlsSchema.optional(),
})

/** A source as it rests on disk: without any secret. */
export type SavedSource = z.infer<typeof savedSourceSchema>

const savedListSchema = z.object({ entries: z.array(savedSourceSchema) })
export type SavedSources = z.infer<typeof savedListSchema>

const agentsSchema = z.array(agentAddressSchema)

/**
 * Opens `directory`/sources.json. The list of agents of earlier versions (agents.json) becomes its first source and is
 * then removed.
 */
export async function openSavedSources(directory: string): Promise<Document<SavedSources>> {
  const document = openDocument(join(directory, 'sources.json'), savedListSchema, { entries: [] })
  const old = join(directory, 'agents.json')
  const addresses = await oldAgents(old)
  if (addresses === undefined) return document
  if (addresses.length > 0) {
    const agents: SavedSource = {
      id: 'agents',
      name: 'Agents',
      settings: { kind: 'agents', addresses, mirrorPort: 30_020 },
      credential: { kind: 'none' },
    }
    // twice is once: the app may have ended before the old list was removed
    await document.change(({ entries }) => ({
      entries: entries.some(({ id }) => id === agents.id) ? entries : [...entries, agents],
    }))
  }
  await rm(old, { force: true })
  return document
}

/** Undefined where there is none, or it does not parse; such a file stays where it is. */
async function oldAgents(path: string): Promise<string[] | undefined> {
  try {
    const parsed = agentsSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** What is kept of `draft` under `id`; its TLS as `tlsOfDraft` made it. */
export function savedOf(id: string, draft: SourceDraft, tls: SavedTls | undefined): SavedSource {
  const { credential } = draft
  return {
    id,
    name: draft.name,
    settings: draft.settings,
    credential:
      credential.kind === 'basic'
        ? { kind: credential.kind, username: credential.username }
        : { kind: credential.kind },
    ...(tls !== undefined ? { tls } : {}),
  }
}

/** What the list shows of it. */
export async function entryOf(vault: Vault, saved: SavedSource, demo = false): Promise<SourceEntry> {
  const { id, name, settings, credential } = saved
  return {
    id,
    name,
    settings,
    credential: { ...credential, hasSecret: (await vault.get(secretName(id))) !== undefined },
    tls: await shownTls(vault, keyName(id), saved.tls),
    demo,
  }
}

/** The name of a source's password or token in the vault. */
export function secretName(id: string): string {
  return `mirror-source:${id}`
}

/** The name of its client certificate's key in the vault. */
export function keyName(id: string): string {
  return `mirror-source:${id}:key`
}

export function secretOf(credential: SourceCredentialDraft): string | undefined {
  if (credential.kind === 'basic') return credential.password
  return credential.kind === 'bearer' ? credential.token : undefined
}

/**
 * Whether a draft asks nobody the source did not ask: only then do secrets and TLS that were given for it still count.
 * An address that was taken off the list changes nothing, one that is new does.
 */
export function isSamePlace({ settings: before }: SavedSource, { settings: now }: SourceDraft): boolean {
  if (before.kind === 'agents' && now.kind === 'agents') {
    const known = new Set(before.addresses.map(originOf))
    return now.addresses.every((address) => known.has(originOf(address)))
  }
  if (before.kind === 'kubernetes' && now.kind === 'kubernetes') {
    return before.context === now.context && before.kubeconfig === now.kubeconfig
  }
  if (before.kind === 'prometheus' && now.kind === 'prometheus') {
    return new URL(before.url).origin === new URL(now.url).origin
  }
  return false
}

/** Whether two settings may be about one cluster, so that what was counted belongs together. */
export function isSameCluster(before: SourceSettings, now: SourceSettings): boolean {
  if (before.kind === 'kubernetes' && now.kind === 'kubernetes') {
    return before.context === now.context && before.kubeconfig === now.kubeconfig
  }
  if (before.kind === 'prometheus' && now.kind === 'prometheus') {
    return before.url === now.url && before.matchers === now.matchers && before.tenant === now.tenant
  }
  return before.kind === now.kind
}

/** Whether a stored secret still belongs to the source. */
export function keepsSecret(before: SavedSource, draft: SourceDraft): boolean {
  return before.credential.kind === draft.credential.kind && isSamePlace(before, draft)
}

function originOf(address: string): string {
  return new URL(metricsUrl(address)).origin
}
