import type { Learned, Route, Strategy, UploadMode } from '../../../shared/model/upload.ts'
import type { Clock } from '../../ports.ts'
import type { FoundBlob } from '../blobs.ts'
import type { BlobSource } from './blob-source.ts'
import type { UploadMemory } from './memory.ts'
import type { SavedUpload } from './saved-upload.ts'
import type { Sending, UploadPlace } from './session.ts'

/** What an upload tells while it runs. `sent` counts the bytes of this blob; a new try begins at 0 again. */
export type UploadEvent =
  | { type: 'step'; step: 'session' | 'body' | 'commit'; strategy: Strategy }
  | { type: 'sent'; bytes: number }
  | { type: 'fallback'; from: Strategy; to: Strategy; because: string }
  /** It goes on in the session of an earlier run, which holds that many bytes. */
  | { type: 'resumed'; bytes: number }
  /** That session is gone, so all of it is sent again. */
  | { type: 'anew'; because: string }

/** How an upload in chunks outlives a run of the app. */
export interface Resumption {
  /** What an earlier run left; one of another blob, repository or registry is not used. */
  saved?: SavedUpload
  /** Hears what to save after every chunk, and undefined as soon as there is nothing to go on with. */
  onSaved: (saved: SavedUpload | undefined) => void
  /** Whether cancelling leaves the session open, as where the app is closed; else it is deleted. */
  outlivesCancel: () => boolean
}

export interface UploadJob extends UploadPlace {
  blob: BlobSource
  /** How it is found out whether the blob is there: a HEAD unless told. */
  find?: () => Promise<FoundBlob>
  /** Anything but `auto` is used as it is and teaches nothing. */
  mode: UploadMode
  /** Where `auto` begins, and what it keeps of its way. */
  memory?: UploadMemory
  /** What `transport` goes through; what is learned of one way does not hold for the other. */
  route?: Route
  /** A repository of the same registry that may hold the blob: it is mounted from there if it can be. */
  mountFrom?: string
  /** How streamed-patch frames its body: `chunked` is docker's shape, without a length. `length` unless told. */
  framing?: Sending['framing']
  limits?: {
    /** Bytes that are read into memory at most (256 MiB unless told). */
    bufferBytes?: number
    /** Bytes of a chunk; what suits the registry unless told. OCI-Chunk-Min-Length is honoured either way. */
    chunkBytes?: number
  }
  /** Present where an upload in chunks that breaks off may go on later. */
  resumption?: Resumption
  /** Dates what is learned. */
  clock?: Clock
  onEvent: (event: UploadEvent) => void
}

export interface UploadResult {
  /** The shape that carried the bytes; absent where none had to travel. */
  strategy?: Strategy
  existed: boolean
  mounted: boolean
  /** The shapes that were refused before it, oldest first. */
  reasons: Learned['refused']
}
