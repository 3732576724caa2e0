import {
  codeOf,
  commitOf,
  locationOf,
  octets,
  refusalOf,
  type Rule,
  type Server,
  sha256,
  sha512,
} from './rule.ts'

const start = ({ repository, ask }: Server) => ask(`/v2/${repository}/blobs/uploads/`, { method: 'POST' })

const chunk = ({ ask }: Server, location: string, body: string, range?: string) =>
  ask(location, {
    method: 'PATCH',
    body,
    headers: { ...octets, ...(range !== undefined ? { 'Content-Range': range } : {}) },
  })

const textAt = async ({ ask }: Server, location: string) => (await ask(location)).text()

export const pushBlobRules: readonly Rule[] = [
  {
    end: 'end-6',
    section: 'POST then PUT',
    sentence: 'POST opens a session, PUT closes it, and Location leads to the blob',
    run: async (server) => {
      const session = await start(server)
      const put = await server.ask(commitOf(session, sha256('hello')), {
        method: 'PUT',
        body: 'hello',
        headers: octets,
      })
      return [session.status, put.status, await textAt(server, locationOf(put))]
    },
    expected: [202, 201, 'hello'],
  },
  {
    end: 'end-6',
    section: 'POST then PUT',
    sentence: 'an empty blob is a blob',
    run: async ({ repository, ask, push }) => {
      const answer = await ask(`/v2/${repository}/blobs/${await push(repository, '')}`)
      return [answer.status, answer.headers.get('content-length'), await answer.text()]
    },
    expected: [200, '0', ''],
  },
  {
    end: 'end-6',
    section: 'POST then PUT',
    sentence: 'a blob may be named by sha512',
    run: async (server) => {
      const digest = sha512('hello')
      const put = await server.ask(commitOf(await start(server), digest), {
        method: 'PUT',
        body: 'hello',
        headers: octets,
      })
      const get = await server.ask(`/v2/${server.repository}/blobs/${digest}`)
      return [put.status, get.status, await get.text()]
    },
    expected: [201, 200, 'hello'],
  },
  {
    end: 'end-6',
    section: 'POST then PUT',
    sentence: 'bytes of another digest are refused and not kept',
    run: async (server) => {
      const digest = sha256('what was promised')
      const put = await server.ask(commitOf(await start(server), digest), {
        method: 'PUT',
        body: 'what came',
        headers: octets,
      })
      const head = await server.ask(`/v2/${server.repository}/blobs/${digest}`, { method: 'HEAD' })
      return [put.status, await codeOf(put), head.status]
    },
    expected: [400, 'DIGEST_INVALID', 404],
  },
  {
    end: 'end-6',
    section: 'POST then PUT',
    sentence: 'a PUT that names no digest is refused',
    run: async (server) =>
      refusalOf(
        await server.ask(locationOf(await start(server)), { method: 'PUT', body: 'x', headers: octets }),
      ),
    expected: [400, 'DIGEST_INVALID'],
  },
  {
    end: 'end-4b',
    section: 'Single POST',
    sentence: 'POST with a digest stores the blob at once',
    run: async ({ repository, ask }) => {
      const path = `/v2/${repository}/blobs/uploads/?digest=${sha256('at once')}`
      return [(await ask(path, { method: 'POST', body: 'at once', headers: octets })).status]
    },
    expected: [201],
  },
  {
    end: 'end-5',
    section: 'Pushing a blob in chunks',
    sentence: 'a PATCH without Content-Range is appended (the suite of the spec has it, its text does not)',
    run: async (server) => {
      const patch = await chunk(server, locationOf(await start(server)), 'hello stream')
      const put = await server.ask(commitOf(patch, sha256('hello stream')), {
        method: 'PUT',
        headers: octets,
      })
      return [patch.status, patch.headers.get('range'), put.status, await textAt(server, locationOf(put))]
    },
    expected: [202, '0-11', 201, 'hello stream'],
  },
  {
    end: 'end-5',
    section: 'Pushing a blob in chunks',
    sentence: 'chunks continue each other, and the last one may come with the PUT',
    run: async (server) => {
      const first = await chunk(server, locationOf(await start(server)), 'abcd', '0-3')
      const second = await chunk(server, locationOf(first), 'efgh', '4-7')
      const put = await server.ask(commitOf(second, sha256('abcdefghij')), {
        method: 'PUT',
        body: 'ij',
        headers: { ...octets, 'Content-Range': '8-9' },
      })
      const ranges = [first.headers.get('range'), second.headers.get('range')]
      return [first.status, second.status, ...ranges, put.status, await textAt(server, locationOf(put))]
    },
    expected: [202, 202, '0-3', '0-7', 201, 'abcdefghij'],
  },
  {
    end: 'end-5',
    section: 'Pushing a blob in chunks',
    sentence: 'a chunk out of order is 416',
    run: async (server) => {
      const first = await chunk(server, locationOf(await start(server)), 'abcd', '0-3')
      return [(await chunk(server, locationOf(first), 'efgh', '5-8')).status]
    },
    expected: [416],
  },
  {
    end: 'end-5',
    section: 'Pushing a blob in chunks',
    sentence: 'a chunk that is not as long as its Content-Range says is 416',
    run: async (server) => [(await chunk(server, locationOf(await start(server)), 'abcd', '0-9')).status],
    expected: [416],
  },
  {
    end: 'end-13',
    section: 'Pushing a blob in chunks',
    sentence: 'GET of a session tells how far it is and where it goes on',
    run: async (server) => {
      const first = await chunk(server, locationOf(await start(server)), 'abcd', '0-3')
      const status = await server.ask(locationOf(first))
      const next = await chunk(server, locationOf(status), 'efgh', '4-7')
      return [status.status, status.headers.get('range'), next.status]
    },
    expected: [204, '0-3', 202],
  },
  {
    end: 'end-13',
    section: 'Pushing a blob in chunks',
    sentence: 'an unknown session is 404 BLOB_UPLOAD_UNKNOWN',
    run: async ({ repository, ask }) => {
      const id = '00000000-0000-4000-8000-000000000000'
      return refusalOf(await ask(`/v2/${repository}/blobs/uploads/${id}`))
    },
    expected: [404, 'BLOB_UPLOAD_UNKNOWN'],
  },
  {
    end: 'end-14',
    section: 'Cancelling an upload (main branch)',
    sentence: 'DELETE gives a session up',
    run: async (server) => {
      const location = locationOf(await start(server))
      const cancel = await server.ask(location, { method: 'DELETE' })
      return [cancel.status, (await server.ask(location)).status]
    },
    expected: [204, 404],
  },
  {
    end: 'end-11',
    section: 'Mounting a blob from another repository',
    sentence: 'a blob another repository has is mounted',
    run: async ({ repository, neighbour, ask, push }) => {
      const digest = await push(neighbour, 'shared')
      const path = `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${neighbour}`
      const mount = await ask(path, { method: 'POST' })
      return [mount.status, await (await ask(`/v2/${repository}/blobs/${digest}`)).text()]
    },
    expected: [201, 'shared'],
  },
  {
    end: 'end-11',
    section: 'Mounting a blob from another repository',
    sentence: 'what cannot be mounted opens a session',
    run: async ({ repository, neighbour, ask }) => {
      const path = `/v2/${repository}/blobs/uploads/?mount=${sha256('absent')}&from=${neighbour}`
      const answer = await ask(path, { method: 'POST' })
      return [answer.status, answer.headers.has('location')]
    },
    expected: [202, true],
  },
  {
    end: 'end-11',
    section: 'Mounting a blob from another repository',
    sentence: 'without from, a blob of any repository is mounted',
    run: async ({ repository, neighbour, ask, push }) => {
      const digest = await push(neighbour, 'found by itself')
      return [(await ask(`/v2/${repository}/blobs/uploads/?mount=${digest}`, { method: 'POST' })).status]
    },
    expected: [201],
  },
]
