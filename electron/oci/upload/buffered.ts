import { refusal } from '../refusal.ts'
import type { BlobSource } from './blob-source.ts'
import { checkStored, commitUrl, isAccepted, uploadAsk, type UploadPlace } from './session.ts'

/** One PUT with Content-Length from memory (distribution-spec, "POST then PUT"): sends the bytes and closes the session. */
export async function sendBuffered(
  place: UploadPlace,
  upload: { location: string; blob: BlobSource; onSent: (bytes: number) => void },
): Promise<void> {
  const { blob, onSent } = upload
  const bytes = await blob.read()
  const ask = uploadAsk(place, {
    method: 'PUT',
    url: commitUrl(upload.location, blob.digest),
    phase: 'upload-body',
    headers: { 'content-type': 'application/octet-stream' },
    body: () => bytes,
    onSent,
  })
  const answer = await place.transport.send(ask)
  if (!isAccepted(answer)) throw refusal(ask, answer, 'buffered')
  checkStored(ask, answer, blob.digest)
}
