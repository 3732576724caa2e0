import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIntake, type Intake } from '../../electron/charts/intake.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { expectAsHelm } from '../fixtures/charts/as-helm.ts'
import { corpus, corpusForEveryRun } from '../fixtures/charts/corpus.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const zoneBefore = process.env['TZ']
const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
let registry: DockerRegistry
let client: RegistryClient

beforeAll(async () => {
  registry = await startDockerRegistry()
  client = createRegistryClient({ transport, url: registry.url, credential: undefined })
})
afterAll(async () => {
  if (zoneBefore === undefined) delete process.env['TZ']
  else process.env['TZ'] = zoneBefore
  await transport.close()
  await registry.stop()
})

describe.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns'])('in the zone %s', (zone) => {
  let helm: Helm
  let intake: Intake
  beforeAll(async () => {
    helm = await openHelm(zone)
    intake = createIntake({ directory: join(helm.directory, 'profile') })
    process.env['TZ'] = zone
  })
  afterAll(async () => {
    await intake.close()
    await helm.close()
  })

  // what lies beside a chart knows no zone
  it.each(corpusForEveryRun.filter(({ provenance }) => zone === 'UTC' || provenance === undefined))(
    '$what is published byte for byte as by helm push',
    async (chart) => {
      await expectAsHelm(chart, {
        directory: join(helm.directory, chart.name),
        intake,
        client,
        push: (file, path) => {
          const target = `oci://${new URL(registry.url).host}/${path}`
          return helm.run(['push', file, target, '--plain-http'])
        },
      })
    },
  )
})

it('the lab compares many more charts', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(30)
})
