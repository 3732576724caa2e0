import { createContext, type ReactNode, useContext, useState } from 'react'
import { createStore, type StoreApi, useStore } from 'zustand'
import type { RegistryEntry } from '../../shared/model/registry.ts'

interface RegistryDialogState {
  /** What the dialog is open for: a new registry, one to edit or to remove; undefined while it is closed. */
  readonly subject:
    | { job: 'add' }
    | { job: 'edit'; entry: RegistryEntry }
    | { job: 'remove'; entry: RegistryEntry }
    | undefined
  open(subject: RegistryDialogState['subject']): void
}

const DialogContext = createContext<StoreApi<RegistryDialogState> | undefined>(undefined)

/** Lets the side bar, the palette and the screen open the one registry dialog. */
export function RegistryDialogProvider({ children }: { children: ReactNode }) {
  const [store] = useState(() =>
    createStore<RegistryDialogState>()((set) => ({
      subject: undefined,
      open: (subject) => set({ subject }),
    })),
  )
  return <DialogContext value={store}>{children}</DialogContext>
}

export function useRegistryDialog(): RegistryDialogState {
  const store = useContext(DialogContext)
  if (store === undefined) throw new Error('useRegistryDialog needs a RegistryDialogProvider above it')
  return useStore(store)
}
