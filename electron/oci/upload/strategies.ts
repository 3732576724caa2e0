import type { Strategy } from '../../../shared/model/upload.ts'
import { sendBuffered } from './buffered.ts'
import { sendChunked } from './chunked.ts'
import type { SendBlob } from './session.ts'
import { sendStreamedPatch } from './streamed-patch.ts'
import { sendStreamedPut } from './streamed-put.ts'

/** Every strategy by its name. */
export const strategies: Readonly<Record<Strategy, SendBlob>> = {
  buffered: sendBuffered,
  'streamed-put': sendStreamedPut,
  'streamed-patch': sendStreamedPatch,
  chunked: sendChunked,
}
