import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { parseWarnings, type Warning } from '../../electron/oci/warnings.ts'
import { type ScriptedHttp, startScriptedHttp } from '../fakes/scripted-http.ts'

let transport: Transport
let server: ScriptedHttp
let storage: ScriptedHttp

beforeEach(async () => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  storage = await startScriptedHttp((_, response) =>
    response.writeHead(200, { warning: '299 - "from storage"' }).end('{}'),
  )
  server = await startScriptedHttp(({ path }, response) => {
    response.setHeader('warning', ['299 - "This repository is read-only soon."', '299 - "Say \\"hello\\"."'])
    if (path.includes('/blobs/')) response.writeHead(307, { location: `${storage.url}/x` }).end()
    else response.end('{"tags":["a"]}')
  })
})
afterEach(async () => {
  await transport.close()
  await server.stop()
  await storage.stop()
})

test('warnings of the registry itself are told with its host and the time', async () => {
  const told: Warning[] = []
  const client = createRegistryClient({
    transport,
    url: server.url,
    credential: undefined,
    clock: { now: () => 42 },
    onWarning: (warning) => told.push(warning),
  })
  await client.tags('a').next()
  const { host } = new URL(server.url)
  expect(told).toEqual([
    { host, text: 'This repository is read-only soon.', at: 42 },
    { host, text: 'Say "hello".', at: 42 },
  ])
  await client.getBlob('a', 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  expect(told.map(({ text }) => text)).not.toContain('from storage')
})

test.each([
  ['299 - "one"', ['one']],
  ['299 - "one", 299 - "two, three"', ['one', 'two, three']],
  ['110 - "Response is Stale", 299 - "ours"', ['ours']],
  ['299 registry.example "an agent is none of ours"', []],
  ['299 - "never closed', []],
  ['299 - ""', []],
  [`299 - "${'x'.repeat(4096)}"`, []],
  ['', []],
  [undefined, []],
])('%s holds %j', (header, texts) => {
  expect(parseWarnings(header)).toEqual(texts)
})
