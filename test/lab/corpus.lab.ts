import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { createIntake, type Intake } from '../../electron/charts/intake.ts'
import { expectAsHelm } from '../fixtures/charts/as-helm.ts'
import { corpus } from '../fixtures/charts/corpus.ts'
import { ourClient } from './ours.ts'
import { serverFor, servers } from './servers.ts'
import { openTool, type Tool } from './tool.ts'

const zones = ['UTC', 'Europe/Dublin', 'Asia/Kathmandu', 'America/St_Johns']
const zoneBefore = process.env['TZ']
let helm: Tool
let intake: Intake

beforeAll(async () => {
  helm = await openTool('helm')
  intake = createIntake({ directory: join(helm.directory, 'profile') })
})
afterAll(async () => {
  if (zoneBefore === undefined) delete process.env['TZ']
  else process.env['TZ'] = zoneBefore
  await intake.close()
  await helm.close()
})

describe('for one file the same manifest and config as helm push', () => {
  const { url, host } = serverFor(servers[1])

  test.each(corpus.map((chart, index) => ({ ...chart, index, zone: zones[index % zones.length] ?? 'UTC' })))(
    '$what, in $zone',
    async ({ index, zone, ...chart }) => {
      // both look at it anew for every time they write
      process.env['TZ'] = zone
      helm.env['TZ'] = zone
      await expectAsHelm(chart, {
        directory: join(helm.directory, `corpus-${index}`),
        intake,
        client: ourClient(url()),
        push: (file, path) => helm.run('push', file, `oci://${host()}/${path}`, '--plain-http'),
      })
    },
  )
})
