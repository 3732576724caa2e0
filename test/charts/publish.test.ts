import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Intake, createIntake } from '../../electron/charts/intake.ts'
import { createPublisher, type Publisher } from '../../electron/charts/publisher.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { PublishEvent, PublishInput, PublishResult } from '../../shared/model/upload.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const clock = { now: Date.now }
const credential = { username: 'captain', password: 'a secret: with colon' }
const transport = createTransport({ record: () => undefined, clock })
let helm: Helm
let open: DockerRegistry
let guarded: DockerRegistry
let intake: Intake
let publisher: Publisher
const clients = new Map<string, RegistryClient>()

beforeAll(async () => {
  helm = await openHelm()
  open = await startDockerRegistry()
  guarded = await startDockerRegistry({ htpasswd: credential })
  clients.set('open', createRegistryClient({ transport, url: open.url, credential: undefined }))
  clients.set(
    'guarded',
    createRegistryClient({
      transport,
      url: guarded.url,
      credential: { source: 'password', ...credential },
    }),
  )
  intake = createIntake({ directory: join(helm.directory, 'profile') })
  publisher = createPublisher({ intake, clientOf: async (id) => clientOf(id), clock })
})
afterAll(async () => {
  await intake.close()
  await transport.close()
  await Promise.all([open.stop(), guarded.stop()])
  await helm.close()
})

function clientOf(id: string): RegistryClient {
  const client = clients.get(id)
  if (client === undefined) throw new Error(`no registry ${id}`)
  return client
}

async function takeIn(bytes: Uint8Array): Promise<string> {
  return intake.accept(
    'chart.tgz',
    (async function* () {
      yield bytes
    })(),
  )
}

async function publish(
  input: Partial<PublishInput> & { ticket: string },
): Promise<{ events: PublishEvent[]; result: PublishResult }> {
  const running = publisher.start({ registryId: 'open', path: 'charts', mode: 'auto', ...input })
  const events: PublishEvent[] = []
  for (;;) {
    const next = await running.next()
    if (next.done === true) return { events, result: next.value }
    events.push(next.value)
  }
}

const requestsOf = (events: PublishEvent[]) =>
  events.flatMap((event) =>
    event.type === 'exchange' ? [`${event.exchange.method} ${event.exchange.status}`] : [],
  )

describe('a chart published to a real registry', () => {
  it.each(['buffered', 'streamed'] as const)('%s, comes back byte-equal through helm pull', async (mode) => {
    const bytes = await chartArchive({ name: `cart-${mode}`, version: '1.2.3', padding: 3_000_000 })
    const { events, result } = await publish({ ticket: await takeIn(bytes), mode })
    const host = new URL(open.url).host
    expect(result).toMatchObject({
      reference: `${host}/charts/cart-${mode}:1.2.3`,
      mode,
      skipped: 0,
      plainHttp: true,
    })
    expect(requestsOf(events)).toEqual(
      mode === 'buffered'
        ? [
            'HEAD 404',
            'POST 202',
            'PUT 201',
            'HEAD 404',
            'POST 202',
            'PUT 201',
            'PUT 201',
            'GET 200',
            'HEAD 200',
            'HEAD 200',
          ]
        : [
            'HEAD 404',
            'POST 202',
            'PATCH 202',
            'PUT 201',
            'HEAD 404',
            'POST 202',
            'PATCH 202',
            'PUT 201',
            'PUT 201',
            'GET 200',
            'HEAD 200',
            'HEAD 200',
          ],
    )
    await helm.run(['pull', `oci://${host}/charts/cart-${mode}`, '--version', '1.2.3', '--plain-http'])
    expect((await readFile(join(helm.directory, `cart-${mode}-1.2.3.tgz`))).equals(bytes)).toBe(true)
    await helm.run(['template', 'release', join(helm.directory, `cart-${mode}-1.2.3.tgz`)])
  })
})
