import type { Socket } from 'node:net'

/** The head of a request or an answer as it stood on the wire. */
export interface Head {
  /** The first line. */
  line: string
  /** Lower-case names; of a repeated header the last. */
  headers: Record<string, string>
}

export interface BodyPart {
  /** Bytes as they stood on the wire, the frame of chunks included. */
  raw: Buffer
  /** How many of them are the body's own. */
  payload: number
}

/** Reads HTTP/1.1 off a socket by hand, so that a test can do with every byte what a network does. */
export interface WireReader {
  /** The next head, and whether a read ended exactly behind it; undefined when the other side has gone. */
  head(): Promise<{ head: Head; alone: boolean } | undefined>
  /** The body behind `head` as it comes in; ends early when the other side goes. `settled` says it was whole. */
  body(framing: Framing): { parts: AsyncGenerator<BodyPart>; whole(): boolean }
}

/** How the end of a body is told: after so many bytes, by its chunks, or by the end of the connection. */
export type Framing = number | 'chunked' | 'until-close'

export function framingOf(head: Head, absent: 0 | 'until-close'): Framing {
  if (/\bchunked\b/i.test(head.headers['transfer-encoding'] ?? '')) return 'chunked'
  const length = head.headers['content-length']
  return length === undefined ? absent : Number(length)
}

/** A head in its wire form. */
export function headText({ line, headers }: Head): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line}\r\n${fields.join('')}\r\n`
}

export function readWire(socket: Socket): WireReader {
  const chunks = socket.iterator({ destroyOnReturn: false })
  let held = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const next = await chunks.next().catch(() => undefined)
    if (next === undefined || next.done === true) return false
    held = Buffer.concat([held, next.value as Buffer])
    return true
  }
  async function* parts(framing: Framing, finish: () => void): AsyncGenerator<BodyPart> {
    const counter = counterOf(framing)
    while (!counter.done()) {
      if (held.length === 0 && !(await more())) {
        if (framing === 'until-close') finish()
        return
      }
      const { end, payload } = counter.take(held)
      const raw = held.subarray(0, end)
      held = held.subarray(end)
      yield { raw, payload }
    }
    finish()
  }
  return {
    head: async () => {
      for (;;) {
        const end = held.indexOf('\r\n\r\n')
        if (end !== -1) {
          const head = parseHead(held.subarray(0, end).toString('latin1'))
          held = held.subarray(end + 4)
          return { head, alone: held.length === 0 }
        }
        if (!(await more())) return undefined
      }
    },
    body: (framing) => {
      let whole = false
      return { parts: parts(framing, () => (whole = true)), whole: () => whole }
    },
  }
}

function parseHead(text: string): Head {
  const [line = '', ...fields] = text.split('\r\n')
  const headers: Record<string, string> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim()
  }
  return { line, headers }
}

interface Counter {
  done(): boolean
  /** How far into `bytes` the body goes, and how many of these are its own. */
  take(bytes: Buffer): { end: number; payload: number }
}

function counterOf(framing: Framing): Counter {
  if (framing === 'chunked') return chunkCounter()
  let left = framing === 'until-close' ? Number.POSITIVE_INFINITY : framing
  return {
    done: () => left === 0,
    take: (bytes) => {
      const end = Math.min(left, bytes.length)
      left -= end
      return { end, payload: end }
    },
  }
}

/** RFC 9112, 7.1: lines that say a size, that many bytes and a line's end, until size 0; then lines until an empty one. */
function chunkCounter(): Counter {
  let state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size'
  let line = ''
  let left = 0
  const onLine = () => {
    if (state === 'size') {
      left = Number.parseInt(line, 16)
      state = left === 0 ? 'trailer' : 'data'
    } else if (state === 'data-end') state = 'size'
    else if (line === '') state = 'done'
    line = ''
  }
  return {
    done: () => state === 'done',
    take: (bytes) => {
      let payload = 0
      let at = 0
      while (at < bytes.length && state !== 'done') {
        if (state === 'data') {
          const run = Math.min(left, bytes.length - at)
          at += run
          left -= run
          payload += run
          if (left === 0) state = 'data-end'
          continue
        }
        const character = String.fromCharCode(bytes[at] ?? 0)
        at += 1
        if (character === '\n') onLine()
        else if (character !== '\r') line += character
      }
      return { end: at, payload }
    },
  }
}
