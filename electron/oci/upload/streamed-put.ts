import { refusal } from '../refusal.ts'
import {
  bytesType,
  checkStored,
  commitUrl,
  isAccepted,
  type SendBlob,
  sendUpload,
  uploadAsk,
} from './session.ts'

/**
 * POST, then one PUT whose body is read from its source as it leaves. Always with Content-Length: zot reads no body
 * of a PUT that comes in chunks.
 */
export const sendStreamedPut: SendBlob = async (place, { blob, session, onSent }) => {
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, {
      method: 'PUT',
      url: commitUrl(session.location, blob.digest),
      phase: 'upload-body',
      headers: bytesType,
      body: () => ({ stream: blob.stream(), length: blob.size }),
      onSent,
    }),
  )
  if (!isAccepted(answer)) throw refusal(ask, answer, 'streamed-put')
  checkStored(ask, answer, blob.digest)
}
