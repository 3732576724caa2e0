import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { ORPCError, createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Log } from '../../electron/log.ts'
import { portCarrier, socketCarrier } from '../../electron/wire/carriers.ts'
import { serveRouter } from '../../electron/wire/serve-router.ts'
import { failureSchema } from '../../shared/model/failure.ts'
import { type Seen, createLabRouter, type labContract, type strangerContract } from './lab-router.ts'

interface Line {
  link: PortLink<Record<never, never>> | SocketLink<Record<never, never>>
  /** Sends a message past the client. */
  sendRaw(message: unknown): void
  /** Resolves when the client's end sees the carrier close. */
  closed: Promise<unknown>
  /** Closes the client's end, as a page that goes away does. */
  hangUp(): void
}
type Router = ReturnType<typeof createLabRouter>
type Connect = (router: Router, log: Log) => Promise<Line>

const overPort: Connect = async (router, log) => {
  const { port1, port2 } = new MessageChannel()
  // Electron's MessagePortMain in Node: it hands listeners an event where Node's port hands them the value
  const mainPort = {
    postMessage: (message: unknown) => port1.postMessage(message),
    start: () => port1.start(),
    close: () => port1.close(),
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      port1.on(event, (data: unknown) => listener({ data })),
  }
  serveRouter(router, portCarrier(mainPort), log)
  const link = new PortLink({ port: port2 })
  port2.start()
  return {
    link,
    sendRaw: (message) => port2.postMessage(message),
    closed: once(port2, 'close'),
    hangUp: () => port2.close(),
  }
}

const overSocket: Connect = async (router, log) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => serveRouter(router, socketCarrier(socket), log))
  await once(server, 'listening')
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  void closed.then(() => server.close())
  return {
    link: new SocketLink({ websocket: socket as unknown as globalThis.WebSocket }),
    sendRaw: (message) => socket.send(message as string),
    closed,
    hangUp: () => socket.terminate(),
  }
}

describe.each([
  { carrier: 'message port', connect: overPort },
  { carrier: 'web socket', connect: overSocket },
])('calls over a $carrier', ({ connect }) => {
  let closing: AbortController
  let seen: Seen
  let logged: unknown[]
  let line: Line
  let client: ContractRouterClient<typeof labContract>
  let silent: Server
  let silentUrl: string

  beforeEach(async () => {
    closing = new AbortController()
    seen = { aborted: [] }
    logged = []
    const note = (...words: unknown[]): void => void logged.push(words)
    const log: Log = { info: note, warn: note, error: note }
    line = await connect(createLabRouter(closing.signal, log, seen), log)
    client = createORPCClient(line.link)
    silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
  })
  afterEach(async () => {
    line.hangUp()
    await line.closed
    silent.closeAllConnections()
    silent.close()
  })

  test('an answer comes back', async () => {
    expect(await client.echo({ text: 'hello' })).toEqual({ text: 'hello' })
  })

  test('a failure arrives typed, with its data', async () => {
    const error = await failed(client.refuse())
    expect(error).toMatchObject({ code: 'FAILED', defined: true })
    expect(failureSchema.parse(error.data)).toEqual({
      kind: 'denied',
      phase: 'manifest',
      message: 'No pushing here.',
      host: 'registry.test',
      answeredBy: 'chartroom',
      evidence: [{ fact: 'status', value: '403' }],
      ociErrors: [],
      retryable: false,
      next: ['check-permission'],
    })
  })

  test('an unexplained error arrives as internal, without its text or stack, and is logged', async () => {
    const error = await failed(client.break())
    expect(failureSchema.parse(error.data)).toMatchObject({ kind: 'internal', phase: 'wire' })
    expect(JSON.stringify(error.toJSON())).not.toContain('somebody')
    expect(logged).toHaveLength(1)
  })

  test('an answer that breaks the contract is an internal failure', async () => {
    const error = await failed(client.badOutput())
    expect(failureSchema.parse(error.data).kind).toBe('internal')
  })

  test('a stream delivers its events in order and its return value', async () => {
    const stream = await client.count({ to: 200 })
    const numbers: number[] = []
    let step = await stream.next()
    while (step.done !== true) {
      numbers.push(step.value.n)
      step = await stream.next()
    }
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
    expect(step.value).toEqual({ sum: 20_100 })
  })

  test('a failure in the middle of a stream arrives typed, after the events before it', async () => {
    const stream = await client.countThenRefuse()
    expect(await stream.next()).toMatchObject({ value: { n: 1 }, done: false })
    const error = await failed(stream.next())
    expect(failureSchema.parse(error.data)).toMatchObject({ kind: 'connection-lost', retryable: true })
  })

  test('an operation that does not exist is not found', async () => {
    const stranger = createORPCClient<ContractRouterClient<typeof strangerContract>>(line.link)
    expect(await failed(stranger.nowhere({}))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await client.echo({ text: 'on' })).toEqual({ text: 'on' })
  })

  test.each([[undefined], [7], ['longer than ten'], [{ toString: 'x' }]])(
    'the input %j is a bad request with its issues',
    async (text) => {
      const stranger = createORPCClient<ContractRouterClient<typeof strangerContract>>(line.link)
      const error = await failed(stranger.echo({ text }))
      expect(error).toMatchObject({ code: 'BAD_REQUEST' })
      expect(error.data).toMatchObject({ issues: [{ path: ['text'] }] })
    },
  )

  test('cancelling a call aborts its handler and closes its socket', async () => {
    const asked = once(silent, 'request')
    const cancel = new AbortController()
    const call = failedWith(client.hang({ url: silentUrl }, { signal: cancel.signal }))
    const [request] = (await asked) as [{ socket: NodeJS.EventEmitter }]
    const socketClosed = once(request.socket, 'close')
    cancel.abort()
    await socketClosed
    expect(await call).toMatchObject({ name: 'AbortError' })
    expect(seen.aborted).toEqual(['hang'])
  })

  test('leaving a stream aborts its handler and closes its socket', async () => {
    const asked = once(silent, 'request')
    const stream = await client.hangInStream({ url: silentUrl })
    await stream.next()
    const waiting = failedWith(stream.next())
    const [request] = (await asked) as [{ socket: NodeJS.EventEmitter }]
    const socketClosed = once(request.socket, 'close')
    await stream.return?.()
    await socketClosed
    await waiting
    expect(seen.aborted).toEqual(['hangInStream'])
  })

  test('a carrier that closes fails the calls on it and aborts their handlers', async () => {
    const asked = once(silent, 'request')
    const call = failedWith(client.hang({ url: silentUrl }))
    const [request] = (await asked) as [{ socket: NodeJS.EventEmitter }]
    const socketClosed = once(request.socket, 'close')
    line.hangUp()
    await socketClosed
    expect(await call).toBeInstanceOf(Error)
    expect(seen.aborted).toEqual(['hang'])
  })

  test('an app that closes cancels the calls, with a failure for each', async () => {
    const asked = once(silent, 'request')
    const call = failed(client.hang({ url: silentUrl }))
    const stream = await client.deafStream()
    await stream.next()
    const next = failed(stream.next())
    await asked
    closing.abort()
    expect(failureSchema.parse((await call).data).kind).toBe('cancelled')
    expect(failureSchema.parse((await next).data).kind).toBe('cancelled')
  })

  test.each(['function', 'symbol', 'class', 'ring'] as const)(
    'a %s in an answer or an event is a typed failure, and the carrier lives on',
    async (what) => {
      expect(failureSchema.parse((await failed(client.answerWith({ what }))).data)).toMatchObject({
        kind: 'internal',
        phase: 'wire',
      })
      const stream = await client.yieldWith({ what })
      expect(await stream.next()).toMatchObject({ value: 'before' })
      expect(failureSchema.parse((await failed(stream.next())).data)).toMatchObject({ kind: 'internal' })
      expect(await client.echo({ text: 'on' })).toEqual({ text: 'on' })
    },
  )

  test.each([
    ['no JSON', '{'],
    ['no call', '{"i":"1"}'],
    ['a call with headers', '{"i":"1","p":{"u":"/echo","h":{"content-type":"multipart/form-data"}}}'],
    ['an address elsewhere', '{"i":"1","p":{"u":"http://127.0.0.1:1/echo"}}'],
    ['a flood', `{"i":"1","p":{"u":"/echo","b":"${'x'.repeat(5 * 1024 * 1024)}"}}`],
  ])('a message that is %s closes the carrier and fails its calls', async (_, message) => {
    const asked = once(silent, 'request')
    const call = failedWith(client.hang({ url: silentUrl }))
    const [request] = (await asked) as [{ socket: NodeJS.EventEmitter }]
    const socketClosed = once(request.socket, 'close')
    line.sendRaw(message)
    await socketClosed
    await line.closed
    expect(await call).toBeInstanceOf(Error)
    expect(seen.aborted).toEqual(['hang'])
  })
})

/** The error oRPC hands a caller whose call fails; fails the test if it does not. */
async function failed(call: PromiseLike<unknown>): Promise<ORPCError<string, unknown>> {
  const error = await failedWith(call)
  if (!(error instanceof ORPCError)) throw error
  return error
}

async function failedWith(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error('the call did not fail')
}
