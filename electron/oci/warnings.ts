import type { Clock } from '../ports.ts'
import type { AnswerHead, Transport } from './ask.ts'

/** What a registry warns of; `at` in milliseconds since 1970. */
export interface Warning {
  host: string
  text: string
  at: number
}

/** Bytes of all warnings of an answer together (distribution-spec, "Warnings"). */
const maxBytes = 4096

/** The texts of `Warning: 299 - "text"` headers (distribution-spec, "Warnings"); other codes are not the registry's. */
export function parseWarnings(header: string | undefined): string[] {
  if (header === undefined || header.length > maxBytes) return []
  return [...header.matchAll(/(?:^|,)\s*299\s+-\s+"((?:[^"\\]|\\.)+)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  )
}

/** A transport that tells of every warning in the answers of the registry's own origin; it acts on none. */
export function withWarnings(
  transport: Transport,
  options: { url: string; clock: Clock; onWarning: (warning: Warning) => void },
): Transport {
  const { origin, host } = new URL(options.url)
  const tell = <A extends AnswerHead>(url: string, answer: A): A => {
    if (new URL(url).origin === origin) {
      for (const text of parseWarnings(answer.headers['warning'])) {
        options.onWarning({ host, text, at: options.clock.now() })
      }
    }
    return answer
  }
  return {
    send: async (ask) => tell(ask.url, await transport.send(ask)),
    open: async (ask) => tell(ask.url, await transport.open(ask)),
    close: transport.close,
  }
}
