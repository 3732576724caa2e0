import { IconUpload } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Chosen, chosenIn } from '../state/chosen.ts'
import { goTo } from '../state/route.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { useConnection, useWire } from '../state/wire.tsx'
import styles from './files-anywhere.module.css'

/**
 * Takes files and folders from wherever they come: dropped anywhere in the window, or handed over by the host. A place
 * that takes a drop for itself (the hosts.toml field) prevents the default first and is left alone.
 */
export function FilesAnywhere() {
  const { t } = useTranslation('shell')
  const takeFiles = useUploads((state) => state.takeFiles)
  const over = useFileDrop((files) => {
    void takeFiles(files)
    goTo('publish')
  })
  const { generation } = useConnection()
  return (
    <>
      <OpenedFiles key={generation} />
      {over && (
        <div className={styles.over}>
          <div className={styles.card}>
            <IconUpload size={26} aria-hidden />
            <strong>{t('drop.title')}</strong>
            <span>{t('drop.meaning')}</span>
          </div>
        </div>
      )}
    </>
  )
}

/** True while files or folders are dragged over the window. */
function useFileDrop(take: (chosen: Chosen[]) => void): boolean {
  const [over, setOver] = useState(false)
  const onFiles = useEffectEvent(take)
  useEffect(() => {
    // every element on the way fires enter and leave; only the difference says whether the window was left
    let depth = 0
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const leave = () => {
      depth = 0
      setOver(false)
    }
    const events = new AbortController()
    const { signal } = events
    window.addEventListener(
      'dragenter',
      (event) => {
        if (!carriesFiles(event)) return
        depth += 1
        setOver(!event.defaultPrevented)
      },
      { signal },
    )
    window.addEventListener(
      'dragleave',
      (event) => {
        if (!carriesFiles(event)) return
        depth -= 1
        if (depth <= 0) leave()
      },
      { signal },
    )
    window.addEventListener(
      'dragover',
      (event) => {
        // without this the browser would open the dropped file in place of the app
        if (carriesFiles(event)) event.preventDefault()
      },
      { signal },
    )
    window.addEventListener(
      'drop',
      (event) => {
        leave()
        if (!carriesFiles(event) || event.defaultPrevented) return
        event.preventDefault()
        const chosen = event.dataTransfer === null ? [] : chosenIn(event.dataTransfer)
        if (chosen.length > 0) onFiles(chosen)
      },
      { signal },
    )
    return () => events.abort()
  }, [])
  return over
}

/** Files opened with the app or named to a second instance. */
function OpenedFiles() {
  const { client } = useWire()
  const takeTickets = useUploads((state) => state.takeTickets)
  const onLot = useEffectEvent((lot: Parameters<typeof takeTickets>) => {
    void takeTickets(...lot)
    goTo('publish')
  })
  useEffect(() => {
    const ended = new AbortController()
    const follow = async () => {
      const events = await client.host.openedFiles(undefined, { signal: ended.signal })
      for await (const { tickets, refused } of events) onLot([tickets, refused])
    }
    // it ends with the window or the connection; the next connection starts it anew
    follow().catch(() => undefined)
    return () => ended.abort()
  }, [client])
  return null
}
