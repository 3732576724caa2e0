import { randomUUID } from 'node:crypto'
import { digestSchema } from '../../shared/model/reference.ts'
import { type Reply, Refusal } from './reply.ts'
import { digestOf, type Store } from './store.ts'

interface Session {
  repository: string
  chunks: Uint8Array[]
  size: number
}

/** One request to an upload, its body still to be read. */
export interface UploadRequest {
  repository: string
  query: URLSearchParams
  contentRange: string | undefined
  contentLength: number | undefined
  /** Reads the body; throws a Refusal when it is longer than `maxBytes`. */
  read(): Promise<Uint8Array>
}

/** Blob uploads, distribution-spec v1.1 "Pushing blobs": end-4a, 4b, 5, 6, 11, 13 and the cancel of its main branch. */
export interface Uploads {
  start(request: UploadRequest): Promise<Reply>
  status(repository: string, id: string): Reply
  append(request: UploadRequest, id: string): Promise<Reply>
  finish(request: UploadRequest, id: string): Promise<Reply>
  cancel(repository: string, id: string): Reply
}

/** `maxSessions` open uploads at a time; one more closes the one that was opened first. */
export function createUploads(store: Store, maxSessions: number): Uploads {
  const sessions = new Map<string, Session>()

  const sessionOf = (repository: string, id: string): Session => {
    const session = sessions.get(id)
    if (session === undefined || session.repository !== repository) {
      throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload')
    }
    return session
  }
  const close = (id: string): void => {
    store.release(sessions.get(id)?.size ?? 0)
    sessions.delete(id)
  }
  const take = async (request: UploadRequest, id: string, session: Session): Promise<void> => {
    checkRange(request, session, id)
    const bytes = await request.read()
    // somebody else may have moved the session on while the body came in
    if (sessions.get(id) !== session) throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'the upload was closed')
    checkRange({ ...request, contentLength: bytes.byteLength }, session, id)
    store.reserve(bytes.byteLength)
    session.chunks.push(bytes)
    session.size += bytes.byteLength
  }

  return {
    start: async (request) => {
      const { repository, query } = request
      const mount = query.get('mount')
      if (mount !== null && store.mountBlob(repository, digestIn(mount), query.get('from') ?? undefined)) {
        return created(repository, mount)
      }
      const digest = query.get('digest')
      if (digest !== null) return keep(store, repository, digestIn(digest), await request.read())
      const [oldest] = sessions.keys()
      if (sessions.size >= maxSessions && oldest !== undefined) close(oldest)
      const id = randomUUID()
      const session = { repository, chunks: [], size: 0 }
      sessions.set(id, session)
      return progress(202, id, session)
    },
    status: (repository, id) => progress(204, id, sessionOf(repository, id)),
    append: async (request, id) => {
      const session = sessionOf(request.repository, id)
      await take(request, id, session)
      return progress(202, id, session)
    },
    finish: async (request, id) => {
      const session = sessionOf(request.repository, id)
      const digest = digestIn(request.query.get('digest') ?? '')
      await take(request, id, session)
      // closed first: the bytes move from the upload's account to the blob's
      close(id)
      return keep(store, request.repository, digest, Buffer.concat(session.chunks))
    },
    cancel: (repository, id) => {
      sessionOf(repository, id)
      close(id)
      return { status: 204 }
    },
  }
}

function digestIn(text: string): string {
  if (!digestSchema.safeParse(text).success) {
    throw new Refusal(400, 'DIGEST_INVALID', 'a digest is sha256: or sha512: and its hexadecimal digits')
  }
  return text
}

function keep(store: Store, repository: string, digest: string, bytes: Uint8Array): Reply {
  const actual = digestOf(bytes, digest.slice(0, digest.indexOf(':')))
  if (actual !== digest) {
    throw new Refusal(400, 'DIGEST_INVALID', `what came is ${actual}, ${bytes.byteLength} bytes`)
  }
  store.addBlob(repository, digest, bytes)
  return created(repository, digest)
}

function created(repository: string, digest: string): Reply {
  return {
    status: 201,
    headers: { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest },
  }
}

function progress(status: number, id: string, session: Session): Reply {
  return { status, headers: progressHeaders(id, session) }
}

/** `Range` of an empty upload is `0-0`, as distribution has it: the spec knows no way to say "nothing yet". */
function progressHeaders(id: string, { repository, size }: Session): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    'Docker-Upload-UUID': id,
    Range: `0-${Math.max(0, size - 1)}`,
  }
}

/** A chunk that names its place must continue where the upload stands; one without a place is appended. */
function checkRange(request: UploadRequest, session: Session, id: string): void {
  const { contentRange, contentLength } = request
  if (contentRange === undefined) return
  const [, start, end] = /^(\d{1,15})-(\d{1,15})$/.exec(contentRange) ?? []
  const length = Number(end) - Number(start) + 1
  const continues = Number(start) === session.size && length > 0
  if (!continues || (contentLength !== undefined && contentLength !== length)) {
    throw new Refusal(
      416,
      'BLOB_UPLOAD_INVALID',
      `the upload stands at ${session.size} bytes; "${contentRange}" with ${contentLength ?? 'unknown'} bytes does not continue it`,
      progressHeaders(id, session),
    )
  }
}
