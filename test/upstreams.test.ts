import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTransport } from '../electron/oci/transport.ts'
import { createRegistries } from '../electron/registries/registries.ts'
import { createUpstreams } from '../electron/upstreams.ts'
import { parseReference } from '../shared/model/reference.ts'
import { memoryVault } from './fakes/memory-vault.ts'
import { type FakeHost, startFakeHost } from './fakes/mirror.ts'

const transport = createTransport({ record: () => undefined, clock: Date })
const challenge = { 'www-authenticate': 'Basic realm="lab"' }

let directory: string
let registry: FakeHost

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-upstreams-'))
  registry = await startFakeHost(({ headers }) =>
    headers.authorization === undefined ? { status: 401, headers: challenge } : { status: 200 },
  )
})
afterEach(async () => {
  await registry.stop()
  await rm(directory, { recursive: true })
})

function opened() {
  const registries = createRegistries({
    directory,
    vault: memoryVault(),
    transport,
    env: { HOME: directory },
  })
  return { registries, upstreams: createUpstreams({ transport, registries }) }
}

test.each([
  ['alpine', 'https://registry-1.docker.io', 'library/alpine'],
  ['quay.io/team/app:1', 'https://quay.io', 'team/app'],
  ['localhost:5000/app', 'http://localhost:5000', 'app'],
])('%s comes from %s, asked by nobody in particular', async (text, url, repository) => {
  const place = await opened().upstreams.placeOf(parseReference(text), undefined)
  expect(place).toMatchObject({ url, repository })
})

test('a saved registry lends its address and its credential to its own images alone', async () => {
  const { registries, upstreams } = opened()
  const { id } = await registries.add({
    name: 'lab',
    url: registry.url,
    credential: { source: 'password', username: 'ann', password: 'pa55word' },
  })
  const place = await upstreams.placeOf(parseReference(`${registry.host}/team/app:1`), id)
  expect(place.url).toBe(registry.url)
  const url = `${place.url}/v2/`
  const answer = await place.transport.send({
    method: 'GET',
    url,
    phase: 'pull',
    role: 'registry',
    maxBytes: 1000,
  })
  expect(answer.status).toBe(200)
  expect(registry.asked.at(-1)?.headers.authorization).toBe(
    `Basic ${Buffer.from('ann:pa55word').toString('base64')}`,
  )
  await expect(upstreams.placeOf(parseReference('quay.io/team/app:1'), id)).rejects.toMatchObject({
    failure: { kind: 'input-invalid', next: ['check-pull-secret'] },
  })
})
