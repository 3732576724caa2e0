import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useState } from 'react'
import { useStore } from 'zustand'
import { takeIn } from './intake.ts'
import { createUploads, type UploadsState, type UploadsStore } from './uploads.ts'
import { useWire } from './wire.tsx'

const UploadsContext = createContext<UploadsStore | undefined>(undefined)

/** Keeps the queue of uploads above the screens, so that they go on while another screen is shown. */
export function UploadsProvider({ children, store }: { children: ReactNode; store?: UploadsStore }) {
  const { client, query } = useWire()
  const queries = useQueryClient()
  const [uploads] = useState(
    () =>
      store ??
      createUploads({
        client,
        takeIn,
        onPublished: () => void queries.invalidateQueries({ queryKey: query.registries.key() }),
      }),
  )
  return <UploadsContext value={uploads}>{children}</UploadsContext>
}

/** A slice of the upload queue: `useUploads((state) => state.takeFiles)`. */
export function useUploads<T>(select: (state: UploadsState) => T): T {
  const store = useContext(UploadsContext)
  if (store === undefined) throw new Error('useUploads needs an UploadsProvider above it')
  return useStore(store, select)
}
