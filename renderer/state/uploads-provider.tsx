import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { takeIn } from './intake.ts'
import { createUploads, type UploadsState, type UploadsStore } from './uploads.ts'
import { useConnection, useWire } from './wire.tsx'

const UploadsContext = createContext<UploadsStore | undefined>(undefined)

/** Keeps this window's view of the queue above the screens, so that it is the same on all of them. */
export function UploadsProvider({ children, store }: { children: ReactNode; store?: UploadsStore }) {
  const { client, query } = useWire()
  const queries = useQueryClient()
  const [uploads] = useState(
    () =>
      store ??
      createUploads({
        client,
        takeIn,
        onPublished: () => {
          void queries.invalidateQueries({ queryKey: query.registries.key() })
          void queries.invalidateQueries({ queryKey: query.publish.history.key() })
        },
      }),
  )
  const { generation } = useConnection()
  useEffect(() => {
    if (generation === 0) return undefined
    const ended = new AbortController()
    // it ends with the window or the connection; the next connection starts it anew
    uploads
      .getState()
      .follow(ended.signal)
      .catch(() => undefined)
    return () => ended.abort()
  }, [uploads, generation])
  return <UploadsContext value={uploads}>{children}</UploadsContext>
}

/** A slice of the upload queue: `useUploads((state) => state.takeFiles)`. */
export function useUploads<T>(select: (state: UploadsState) => T): T {
  const store = useContext(UploadsContext)
  if (store === undefined) throw new Error('useUploads needs an UploadsProvider above it')
  return useStore(store, select)
}
