import { z } from 'zod'
import { FailureError } from '../../shared/model/failure.ts'
import type { Transport } from '../oci/ask.ts'
import type { Connection } from '../oci/connection.ts'

/** Milliseconds: a drawer is open and waits, so what does not come at once is left out. */
const usualPatience = 2000

/** The answer is some 80 bytes. */
const maxBytes = 4096

/** `{"libp2p":{"id":"12D3Koo…"}}` (pkg/web, v0.7.4); ids are base58 without 0, O, I and l. */
const metadataSchema = z.object({
  libp2p: z.object({ id: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{40,64}$/) }),
})

/**
 * The libp2p id of an agent, from /debug/web/metadata beside its /metrics, whose URL is `url`; through a pod proxy
 * too. Since Spegel 0.7, with debug web on. Undefined where nothing answers within 2 s or something else does. Throws
 * only when `signal` cancels.
 */
export async function askPeerId(
  { url, connection }: { url: string; connection?: Connection },
  transport: Transport,
  signal: AbortSignal,
  patience = usualPatience,
): Promise<string | undefined> {
  try {
    const answer = await transport.send({
      method: 'GET',
      url: new URL('debug/web/metadata', url).toString(),
      phase: 'scrape',
      role: 'agent',
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      ...(connection && { connection }),
      maxBytes,
      patience,
    })
    return answer.status === 200 ? idIn(answer.body) : undefined
  } catch (error) {
    if (!(error instanceof FailureError) || signal.aborted) throw error
    return undefined
  }
}

function idIn(body: Uint8Array): string | undefined {
  try {
    return metadataSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))).libp2p.id
  } catch {
    return undefined
  }
}
