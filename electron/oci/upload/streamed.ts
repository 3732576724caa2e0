import { refusal } from '../refusal.ts'
import type { BlobSource } from './blob-source.ts'
import { checkStored, commitUrl, isAccepted, locationOf, uploadAsk, type UploadPlace } from './session.ts'

/**
 * The shape of docker and go-containerregistry: one PATCH with the whole blob as a stream and no Content-Range,
 * then an empty PUT. The spec does not have it, its conformance suite and every registry do
 * (distribution-spec issue 303). `onMoved` hears where the session went on after the PATCH.
 */
export async function sendStreamed(
  place: UploadPlace,
  upload: {
    location: string
    blob: BlobSource
    onSent: (bytes: number) => void
    onMoved: (location: string) => void
  },
): Promise<void> {
  const { blob, location, onSent, onMoved } = upload
  const headers = { 'content-type': 'application/octet-stream' }
  const patch = uploadAsk(place, {
    method: 'PATCH',
    url: location,
    phase: 'upload-body',
    headers,
    body: () => ({ stream: blob.stream(), length: blob.size }),
    onSent,
  })
  const taken = await place.transport.send(patch)
  if (!isAccepted(taken)) throw refusal(patch, taken, 'streamed')
  const next = locationOf(patch, taken) ?? location
  onMoved(next)
  const put = uploadAsk(place, {
    method: 'PUT',
    url: commitUrl(next, blob.digest),
    phase: 'upload-commit',
    headers,
  })
  const stored = await place.transport.send(put)
  if (!isAccepted(stored)) throw refusal(put, stored, 'streamed')
  checkStored(put, stored, blob.digest)
}
