import type { CopyEvent, CopyResult } from '../../shared/model/copy.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { type UploadMode, uploadModeSchema } from '../../shared/model/upload.ts'
import type { Tools } from './command.ts'
import { failureOf } from './failure-of.ts'

/** Prints one object a blob and one for the result, or for why there is none; resolves to whether all went well. */
export async function printTransfer(
  tools: Tools,
  start: () => Promise<AsyncIterator<CopyEvent, CopyResult>>,
): Promise<boolean> {
  try {
    const events = await start()
    let step = await events.next()
    for (; step.done !== true; step = await events.next()) {
      if (step.value.type !== 'blob') continue
      const { digest, mediaType, size, outcome } = step.value
      tools.print({ blob: digest, mediaType, size, outcome })
    }
    tools.print({ ...step.value, ok: true })
    return true
  } catch (error) {
    tools.print({ ok: false, failure: failureOf(error) })
    return false
  }
}

/** The mode that --mode names; throws `input-invalid`. */
export function modeOf(text: string): UploadMode {
  const mode = uploadModeSchema.safeParse(text).data
  if (mode !== undefined) return mode
  const known = uploadModeSchema.options.join(', ')
  throw failureError('input-invalid', 'input', `"${text.slice(0, 100)}" is no mode: ${known}.`)
}
