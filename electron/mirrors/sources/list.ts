import { randomUUID } from 'node:crypto'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { SourceDraft, SourceEntry } from '../../../shared/model/mirror-source.ts'
import type { Document } from '../../document.ts'
import { keepClientKey, tlsOfDraft } from '../../oci/tls/saved.ts'
import type { Vault } from '../../ports.ts'
import { type Access, accessOf } from './access.ts'
import {
  entryOf,
  isSamePlace,
  keepsSecret,
  keyName,
  openSavedSources,
  type SavedSource,
  type SavedSources,
  savedOf,
  secretName,
  secretOf,
} from './saved.ts'

/** The saved sources. Every method throws a FailureError where it fails. */
export interface SourceList {
  all(): Promise<SavedSource[]>
  entries(): Promise<SourceEntry[]>
  add(draft: SourceDraft): Promise<SourceEntry>
  /** Secrets and TLS that the draft leaves out stay, unless it asks somebody the source did not ask before. */
  update(id: string, draft: SourceDraft): Promise<SourceEntry>
  remove(id: string): Promise<{ removed: boolean }>
  access(saved: SavedSource): Promise<Access>
  /** A draft as if it were saved; the source `id` lends what the draft leaves out, as an update would keep it. */
  onTrial(draft: SourceDraft, id: string | undefined): Promise<{ saved: SavedSource; access: Access }>
}

/**
 * Keeps the list in `directory`/sources.json, read when it is first asked, and secrets in `vault` alone: passwords and
 * tokens under `mirror-source:<id>`, keys of client certificates under `mirror-source:<id>:key`.
 */
export function createSourceList({ directory, vault }: { directory: string; vault: Vault }): SourceList {
  let opened: Promise<Document<SavedSources>> | undefined
  const document = (): Promise<Document<SavedSources>> => {
    opened ??= openSavedSources(directory)
    return opened
  }
  const all = async (): Promise<SavedSource[]> => (await (await document()).read()).entries
  const find = async (id: string): Promise<SavedSource> => {
    const saved = (await all()).find((each) => each.id === id)
    if (saved === undefined) throw noSuchSource()
    return saved
  }
  const change = async (make: (entries: SavedSource[]) => SavedSource[]): Promise<void> => {
    await (await document()).change(({ entries }) => ({ entries: make(entries) }))
  }
  const keepSecret = async (id: string, { credential }: SourceDraft): Promise<void> => {
    const secret = secretOf(credential)
    if (secret !== undefined) await vault.set(secretName(id), secret)
  }

  return {
    all,
    entries: async () => Promise.all((await all()).map((saved) => entryOf(vault, saved))),
    add: async (draft) => {
      const tls = tlsOfDraft(draft.tls, undefined)
      const saved = savedOf(randomUUID(), draft, tls.saved)
      await keepSecret(saved.id, draft)
      await keepClientKey(vault, keyName(saved.id), tls)
      await change((entries) => [...entries, saved])
      return entryOf(vault, saved)
    },
    update: async (id, draft) => {
      const before = await find(id)
      const tls = tlsOfDraft(draft.tls, isSamePlace(before, draft) ? before.tls : undefined)
      const saved = savedOf(id, draft, tls.saved)
      await keepClientKey(vault, keyName(id), tls)
      if (!keepsSecret(before, draft)) await vault.remove(secretName(id))
      await keepSecret(id, draft)
      await change((entries) => entries.map((entry) => (entry.id === id ? saved : entry)))
      return entryOf(vault, saved)
    },
    remove: async (id) => {
      let removed = false
      await change((entries) => {
        removed = entries.some((entry) => entry.id === id)
        return entries.filter((entry) => entry.id !== id)
      })
      await vault.remove(secretName(id))
      await vault.remove(keyName(id))
      return { removed }
    },
    access: async (saved) =>
      accessOf(saved, {
        secret: await vault.get(secretName(saved.id)),
        key: await vault.get(keyName(saved.id)),
      }),
    onTrial: async (draft, id) => {
      const lender = id === undefined ? undefined : await find(id)
      const isSame = lender !== undefined && isSamePlace(lender, draft)
      const tls = tlsOfDraft(draft.tls, isSame ? lender.tls : undefined)
      const saved = savedOf(id ?? randomUUID(), draft, tls.saved)
      const lends = lender !== undefined && keepsSecret(lender, draft)
      const secret = secretOf(draft.credential) ?? (lends ? await vault.get(secretName(saved.id)) : undefined)
      const key = tls.key ?? (isSame && tls.keepsKey ? await vault.get(keyName(saved.id)) : undefined)
      return { saved, access: accessOf(saved, { secret, key }) }
    },
  }
}

function noSuchSource() {
  return failureError('no-such-item', 'input', 'There is no such source in the list (any more).')
}
