import { registryHost } from '../../shared/model/reference.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type FaultProxy, startFaultProxy } from '../fakes/fault-proxy.ts'
import { carriesBody, registryAnswer } from '../fakes/faults.ts'
import type { RegistryOptions, RegistryProcess } from '../lab/registry-process.ts'
import { backwards, startTokenService, type TokenService } from '../lab/token-service.ts'
import { expect, test as base } from './lab-test.ts'
import { expectPublished } from './published.ts'

type Start = (options: RegistryOptions) => Promise<RegistryProcess>

const resource = 'repository:charts/cart'

/**
 * `way` leads to a registry that demands tokens of `service`, which lets the user `writer` push and `reader` pull; it
 * breaks what passes.
 */
function testWithTokens(start: Start) {
  return base.extend<{ way: FaultProxy; service: TokenService }>({
    service: async ({}, use) => {
      const service = await startTokenService({
        writer: { [resource]: ['pull', 'push'] },
        reader: { [resource]: ['pull'] },
      })
      await use(service)
      await service.stop()
    },
    way: async ({ service }, use) => {
      const registry = await start({ token: service.registry })
      const proxy = await startFaultProxy(registry.url)
      await use(proxy)
      await proxy.stop()
      await registry.stop()
    },
  })
}

/** What tokens bring about. */
export function tokenJourneys(name: string, start: Start): void {
  const test = testWithTokens(start)

  test(`a token of ${name} that runs out in the middle of a body is renewed on the way`, async ({
    app,
    registries,
    publish,
    helm,
    service,
    way,
  }) => {
    const chart = await chartArchive({ padding: 200_000 })
    const login = { username: 'writer', password: backwards('writer') }
    const scope = `${resource}:pull,push`
    way.inflict({
      // the chart, not its config
      strikes: ({ method, headers }) => method === 'PATCH' && Number(headers['content-length']) > 100_000,
      times: 1,
      afterBytes: 50_000,
      does: registryAnswer('401 Unauthorized', 'UNAUTHORIZED', {
        'www-authenticate': `Bearer realm="${service.registry.realm}",service="lab",scope="${scope}",error="invalid_token"`,
        connection: 'close',
      }),
    })
    await registries.add(way.url, 'Lab', login)
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', chart)
    await publish.target.getByLabel('Path').fill('charts')
    await expect(publish.check('Permission')).toContainText('the token grants pull and push')
    service.seen.length = 0
    await publish.sendTo('charts', 'Streamed')
    await publish.result('Digest')
    await expect(publish.timeline).toContainText('PATCH streamed401')
    expect(way.seen.filter(({ bytes }) => bytes >= 50_000).map(({ method }) => method)).toEqual([
      'PATCH',
      'PATCH',
    ])
    expect(service.seen.map(({ url }) => url.searchParams.get('scope'))).toContain(scope)
    const { username, password } = login
    const host = registryHost(way.url)
    await helm.run(['registry', 'login', host, '--plain-http', '-u', username, '-p', password])
    await expectPublished(publish, helm, chart)
  })

  test(`a token of ${name} that grants pull only is told before a byte is sent`, async ({
    app,
    registries,
    publish,
    way,
  }) => {
    await registries.add(way.url, 'Lab', { username: 'reader', password: backwards('reader') })
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', await chartArchive())
    await publish.target.getByLabel('Path').fill('charts')
    await expect(publish.check('Permission')).toContainText('the token does not allow a push there')
    await expect(publish.target.getByRole('button', { name: 'Publish' })).toBeDisabled()
    expect(way.seen.filter(carriesBody)).toEqual([])
  })
}
