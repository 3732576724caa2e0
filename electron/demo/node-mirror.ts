import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AgentProfile } from './agent-profiles.ts'
import { heldBlob, heldManifest } from './node-content.ts'
import type { Store } from './store.ts'

/**
 * Answers as a node's mirror does to `X-Spegel-Mirrored`: with local content, else 404; an agent of 0.1 says 500 for a
 * blob it lacks. Nothing is asked of peers and nothing counted, header or not.
 */
export function answerAsMirror(
  node: AgentProfile,
  store: Store,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, repository, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? []
  const namespace = url.searchParams.get('ns')
  if (repository === undefined || reference === undefined || namespace === null) {
    response.writeHead(404).end()
    return
  }
  const isBlob = kind === 'blobs'
  const held = (isBlob ? heldBlob : heldManifest)(store, node, repository, reference)
  if (held === undefined) {
    sendMiss(node, { isBlob, reference }, request, response)
    return
  }
  response.writeHead(200, {
    'Content-Type': held.mediaType,
    'Content-Length': held.bytes.byteLength,
    'Docker-Content-Digest': held.digest,
    ...(node.version === '0.7' ? { 'OCI-Namespace': namespace } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : held.bytes)
}

function sendMiss(
  node: AgentProfile,
  { isBlob, reference }: { isBlob: boolean; reference: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (node.version === '0.1') {
    response.writeHead(isBlob ? 500 : 404).end()
    return
  }
  const [code, what] = isBlob ? ['BLOB_UNKNOWN', 'blob'] : ['MANIFEST_UNKNOWN', 'manifest']
  const error = { code, detail: {}, message: `could not get ${what} ${reference}` }
  const body = JSON.stringify({ errors: [error] })
  response.writeHead(404, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? undefined : body)
}
