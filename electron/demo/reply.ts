/** What a handler answers; the server adds what every answer carries. */
export interface Reply {
  status: number
  headers?: Record<string, string>
  /** Also for HEAD, where it is measured and not sent. */
  body?: Uint8Array
}

/** An answer that says no, in the shape of distribution-spec v1.1, "Error Codes". */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>
  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export function refusalReply(refusal: Refusal): Reply {
  const reply = jsonReply(refusal.status, { errors: [{ code: refusal.code, message: refusal.message }] })
  return { ...reply, headers: { ...reply.headers, ...refusal.headers } }
}

export function jsonReply(status: number, value: unknown, mediaType = 'application/json'): Reply {
  return { status, headers: { 'Content-Type': mediaType }, body: Buffer.from(JSON.stringify(value)) }
}
