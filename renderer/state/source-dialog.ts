import { createStore, type StoreApi } from 'zustand'
import type { SourceEntry, SourceSettings } from '../../shared/model/mirror-source.ts'

export type SourceKind = SourceSettings['kind']

/** What the dialog about sources is open for; undefined while it is closed. */
export type SourceDialogSubject =
  | { job: 'list' }
  | { job: 'add'; kind: SourceKind }
  | { job: 'edit'; entry: SourceEntry }
  | { job: 'remove'; entry: SourceEntry }
  | undefined

export interface SourceDialogState {
  readonly subject: SourceDialogSubject
  open(subject: SourceDialogSubject): void
}

export function createSourceDialog(): StoreApi<SourceDialogState> {
  return createStore<SourceDialogState>()((set) => ({
    subject: undefined,
    open: (subject) => set({ subject }),
  }))
}
