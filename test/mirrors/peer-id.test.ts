import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, expect, test } from 'vitest'
import { askPeerId } from '../../electron/mirrors/peer-id.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { closedPort } from '../fakes/mirror.ts'
import { type ScriptedHttp, startScriptedHttp } from '../fakes/scripted-http.ts'

const id = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'
const transport = createTransport({ record: () => {}, clock: { now: () => 0 } })
const never = new AbortController().signal
let agent: ScriptedHttp | undefined

afterEach(async () => {
  await agent?.stop()
  agent = undefined
})

afterAll(() => transport.close())

async function agentThat(answer: (response: ServerResponse) => void): Promise<ScriptedHttp> {
  agent = await startScriptedHttp((_, response) => answer(response))
  return agent
}

function says(body: string, status = 200) {
  return (response: ServerResponse) => void response.writeHead(status).end(body)
}

test('an agent says its peer id beside its metrics', async () => {
  const { url, seen } = await agentThat(says(JSON.stringify({ libp2p: { id } })))
  expect(await askPeerId({ url: `${url}/metrics` }, transport, never)).toBe(id)
  expect(seen.map(({ path }) => path)).toEqual(['/debug/web/metadata'])
})

test('through the proxy of an API server too', async () => {
  const { url, seen } = await agentThat(says(JSON.stringify({ libp2p: { id } })))
  const proxied = `${url}/api/v1/namespaces/spegel/pods/spegel-x:9090/proxy/metrics`
  expect(await askPeerId({ url: proxied }, transport, never)).toBe(id)
  expect(seen[0]?.path).toBe('/api/v1/namespaces/spegel/pods/spegel-x:9090/proxy/debug/web/metadata')
})

test.each([
  ['an agent before 0.7', says('404 page not found', 404)],
  ['a page instead', says('<html>12D3KooW</html>')],
  ['JSON of something else', says('{"libp2p":[]}')],
  ['no id', says('{"libp2p":{"id":""}}')],
  ['an id that is none', says(JSON.stringify({ libp2p: { id: '<script>alert(1)</script>'.repeat(2) } }))],
  ['an answer without end', says(JSON.stringify({ libp2p: { id: id.repeat(1000) } }))],
  [
    'a redirect',
    (response: ServerResponse) => void response.writeHead(302, { location: '/elsewhere' }).end(),
  ],
  ['a connection that breaks', (response: ServerResponse) => void response.destroy()],
])('%s is no peer id', async (_, answer) => {
  const { url } = await agentThat(answer)
  expect(await askPeerId({ url: `${url}/metrics` }, transport, never)).toBeUndefined()
})

test('who says nothing is not waited for', async () => {
  const { url } = await agentThat(() => {})
  expect(await askPeerId({ url: `${url}/metrics` }, transport, never, 30)).toBeUndefined()
})

test('who trickles is not waited for either', async () => {
  const { url } = await agentThat((response) => {
    const timer = setInterval(() => response.write(' '), 5)
    response.once('close', () => clearInterval(timer))
  })
  expect(await askPeerId({ url: `${url}/metrics` }, transport, never, 30)).toBeUndefined()
})

test('nobody there is no peer id', async () => {
  const url = `http://${closedPort}/metrics`
  expect(await askPeerId({ url }, transport, never)).toBeUndefined()
})

test('who gives up is told so', async () => {
  const leaving = new AbortController()
  const { url } = await agentThat(() => leaving.abort())
  expect(await failureIn(askPeerId({ url: `${url}/metrics` }, transport, leaving.signal))).toMatchObject({
    kind: 'cancelled',
  })
})
