import { failureError } from '../../../shared/model/local-failure.ts'
import { refusal } from '../refusal.ts'
import type { BlobSource } from './blob-source.ts'
import {
  bytesType,
  checkStored,
  commitUrl,
  isAccepted,
  type SendBlob,
  sendUpload,
  uploadAsk,
} from './session.ts'

/** POST, then one PUT with Content-Length from memory (distribution-spec, "POST then PUT"). */
export const sendBuffered: SendBlob = async (place, { blob, session, onSent }) => {
  const bytes = await blob.read()
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, {
      method: 'PUT',
      url: commitUrl(session.location, blob.digest),
      phase: 'upload-body',
      headers: bytesType,
      body: () => bytes,
      onSent,
    }),
  )
  if (!isAccepted(answer)) throw refusal(ask, answer, 'buffered')
  checkStored(ask, answer, blob.digest)
}

/** Refuses a blob of more than `limit` bytes before anything of it is read. */
export function checkFitsMemory({ size }: BlobSource, limit: number): void {
  if (size <= limit) return
  throw failureError(
    'file-too-large',
    'upload-body',
    `The blob has ${size} bytes; at most ${limit} are read into memory.`,
    { evidence: [{ fact: 'limit', value: String(limit) }], next: ['use-streamed'] },
  )
}
