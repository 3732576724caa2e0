import { refusal } from '../refusal.ts'
import {
  bytesType,
  closeSession,
  isAccepted,
  locationOf,
  type SendBlob,
  sendUpload,
  uploadAsk,
} from './session.ts'

/**
 * The shape of docker and go-containerregistry: one PATCH with the whole blob as a stream and no Content-Range,
 * then an empty PUT. The spec does not have it, its conformance suite and every registry do
 * (distribution-spec issue 303).
 */
export const sendStreamedPatch: SendBlob = async (place, sending) => {
  const { blob, session, framing, onSent } = sending
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, {
      method: 'PATCH',
      url: session.location,
      phase: 'upload-body',
      headers: bytesType,
      body: () => ({ stream: blob.stream(), ...(framing === 'length' ? { length: blob.size } : {}) }),
      onSent,
    }),
  )
  if (!isAccepted(answer)) throw refusal(ask, answer, 'streamed-patch')
  session.location = locationOf(ask, answer) ?? session.location
  await closeSession(place, sending, 'streamed-patch')
}
