import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Intake, createIntake } from '../../electron/charts/intake.ts'
import type { LoopbackHost } from '../../electron/loopback/server.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { chartYaml, type Entry, tarOf } from '../fakes/charts.ts'
import { enter, startLab } from './lab.ts'
import { rawHttp } from './raw-http.ts'

let directory: string
let intake: Intake
let host: LoopbackHost | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-intake-'))
  intake = createIntake({ directory })
})
afterEach(async () => {
  await host?.close()
  await intake.close()
  await rm(directory, { recursive: true, force: true })
})

/** Starts a host whose intake takes files as `accept` does; answers with the headers that are let in. */
async function enterLab(
  accept: Intake['accept'],
): Promise<{ port: number; headers: Record<string, string> }> {
  host = await startLab({ ...intake, accept }, directory)
  return { port: host.port, headers: await enter(host) }
}

test('a name that is none is answered with a failure', async () => {
  const { port, headers } = await enterLab(intake.accept)
  const answer = await rawHttp(port, 'POST /intake?name=', { ...headers, 'Content-Length': '1' }, 'x')
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body)).toMatchObject({ failure: { kind: 'input-invalid' } })
})

test('what nobody explained is answered without its text', async () => {
  const { port, headers } = await enterLab(() => Promise.reject(new Error('/home/somebody is full')))
  const answer = await rawHttp(port, 'POST /intake?name=a.tgz', { ...headers, 'Content-Length': '1' }, 'x')
  expect(answer.status).toBe(500)
  expect(JSON.parse(answer.body)).toMatchObject({ failure: { kind: 'internal' } })
  expect(answer.body).not.toContain('somebody')
})

test('a file that is refused in the middle is answered, though its sender sends on', async () => {
  const { port, headers } = await enterLab(async (_, body) => {
    for await (const chunk of body) {
      if (chunk.length > 0) throw failureError('file-too-large', 'input', 'Too large.')
    }
    return 'ticket'
  })
  const sent = Buffer.alloc(20 * 1024 * 1024)
  const upload = { ...headers, 'Content-Length': String(sent.length) }
  const answer = await rawHttp(port, 'POST /intake?name=a.tgz', upload, sent)
  expect(answer.status).toBe(413)
  expect(JSON.parse(answer.body)).toMatchObject({ failure: { kind: 'file-too-large' } })
})

test('a folder is taken in as a tar, and one that leaves its directory is refused', async () => {
  const { port, headers } = await enterLab(() => Promise.reject(new Error('it is a folder')))
  const send = async (entries: readonly Entry[]) => {
    const body = Buffer.from(await tarOf(entries))
    const sent = { ...headers, 'Content-Length': String(body.length) }
    const answer = await rawHttp(port, 'POST /intake?kind=folder&name=cart', sent, body)
    return { status: answer.status, body: JSON.parse(answer.body) as { ticket?: string } }
  }
  const chart = { name: 'cart/Chart.yaml', body: chartYaml() }
  const taken = await send([chart])
  expect(taken.status).toBe(200)
  expect(await intake.inspect(taken.body.ticket ?? '')).toMatchObject({ source: 'folder' })
  expect(await send([chart, { name: 'cart/../../x', body: 'x' }])).toMatchObject({
    status: 422,
    body: { failure: { kind: 'archive-invalid' } },
  })
})

test('of a body that breaks off nothing is kept', async () => {
  const ended = Promise.withResolvers<unknown>()
  const { port, headers } = await enterLab((name, body, signal) => {
    const ticket = intake.accept(name, body, signal)
    ticket.then(() => ended.resolve('taken in'), ended.resolve)
    return ticket
  })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = Object.entries({ ...headers, 'Content-Length': '100' })
  const head = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')
  socket.write(`POST /intake?name=a.tgz HTTP/1.1\r\n${head}\r\n\r\nhalf`)
  socket.end()
  expect(await ended.promise).toBeInstanceOf(Error)
  socket.destroy()
  const files = await readdir(join(directory, 'intake'), { recursive: true, withFileTypes: true })
  expect(files.filter((file) => file.isFile())).toEqual([])
})
