import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import type { ResolvedCredential } from '../../electron/oci/credential.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { blobOfBytes } from '../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../electron/oci/upload/upload.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { failureIn } from '../fakes/failure-in.ts'
import type { RegistryOptions, RegistryProcess } from './registry-process.ts'
import { backwards, startTokenService, type TokenService } from './token-service.ts'

const own = 'repository:team/app'
const other = 'repository:other/app'
const rights = {
  owner: { [own]: ['pull', 'push', 'delete'], [other]: ['pull', 'push'], 'registry:catalog': ['*'] },
  writer: { [own]: ['pull', 'push'] },
  reader: { [own]: ['pull'] },
  '': { [other]: ['pull'] },
}

/** What a real registry and a token service make of us; `start` runs the registry. */
export function tokenSuite(
  name: string,
  start: (options: RegistryOptions) => Promise<RegistryProcess>,
): void {
  describe(`${name} with a token service`, () => {
    let service: TokenService
    let registry: RegistryProcess
    let transport: Transport

    beforeAll(async () => {
      service = await startTokenService(rights)
      registry = await start({ token: service.registry })
    })
    afterAll(async () => {
      await registry.stop()
      await service.stop()
    })
    beforeEach(() => {
      transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
      service.seen.length = 0
    })
    afterEach(() => transport.close())

    const named = (username: string): ResolvedCredential => ({
      source: 'password',
      username,
      password: backwards(username),
    })
    const as = (credential: ResolvedCredential | undefined): RegistryClient =>
      createRegistryClient({ transport, url: registry.url, credential })
    const upload = (client: RegistryClient, repository: string, text: string, mountFrom?: string) =>
      uploadBlob({
        transport: client.transport,
        url: client.url,
        repository,
        blob: blobOfBytes(Buffer.from(text)),
        mode: 'buffered',
        onEvent: () => undefined,
        ...(mountFrom !== undefined ? { mountFrom } : {}),
      })
    const push = async (client: RegistryClient, repository: string, text: string): Promise<string> => {
      const { digest } = blobOfBytes(Buffer.from(text))
      await upload(client, repository, text)
      const config = { mediaType: 'application/octet-stream', digest, size: text.length }
      const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] }
      const bytes = Buffer.from(JSON.stringify(manifest))
      return client.putManifest(repository, 'latest', { mediaType: mediaTypes.ociManifest, bytes })
    }
    const facts = (failure: { evidence: Array<{ fact: string; value: string }> }, ...wanted: string[]) =>
      failure.evidence.filter(({ fact }) => wanted.includes(fact)).map(({ value }) => value)

    test('a whole push takes one token, for pull and push from the start', async () => {
      const client = as(named('writer'))
      const digest = await push(client, 'team/app', 'one')
      expect(service.seen.map(({ url }) => url.searchParams.getAll('scope'))).toEqual([[`${own}:pull,push`]])
      expect((await client.headManifest('team/app', 'latest'))?.digest).toBe(digest)
    })

    test('a token that allows pull only is refused for a push, and that is said', async () => {
      const failure = await failureIn(push(as(named('reader')), 'team/app', 'not to be'))
      expect(failure).toMatchObject({ kind: 'denied', answeredBy: 'registry', status: 401 })
      expect(facts(failure, 'asked-scope', 'granted-scope')).toEqual([`${own}:pull,push`, `${own}:pull`])
      expect(facts(failure, 'challenge')[0]).toContain('insufficient_scope')
      expect(failure.message).toContain(`the token allows only "${own}:pull"`)
      expect(failure.next).toEqual(['check-permission', 'log-in'])
    })

    test('a token that allows nothing of a repository is refused for a read', async () => {
      const failure = await failureIn(as(named('reader')).getManifest('other/app', 'latest'))
      expect(failure).toMatchObject({ kind: 'denied', status: 401 })
      expect(facts(failure, 'granted-scope')).toEqual(['none'])
    })

    test('a wrong password is the token service saying no', async () => {
      const wrong = as({ source: 'password', username: 'owner', password: 'wrong' })
      expect(await failureIn(wrong.getManifest('team/app', 'latest'))).toMatchObject({
        kind: 'unauthorized',
        phase: 'token',
        answeredBy: 'token-service',
      })
    })

    test('an identity token is traded and never seen by the registry', async () => {
      const client = as({ source: 'docker', identityToken: backwards('writer') })
      await upload(client, 'team/app', 'by identity token')
      expect(service.seen.map(({ method }) => method)).toEqual(['POST'])
    })

    test('nobody in particular reads what is for anybody', async () => {
      await push(as(named('owner')), 'other/app', 'public')
      expect((await as(undefined).getManifest('other/app', 'latest')).mediaType).toBe(mediaTypes.ociManifest)
      expect((await failureIn(as(undefined).getManifest('team/app', 'latest'))).kind).toBe('denied')
    })

    test('a mount asks for both repositories; without a right to the source the bytes are sent', async () => {
      await upload(as(named('owner')), 'other/app', 'to be mounted')
      service.seen.length = 0
      const mounted = await upload(as(named('owner')), 'team/app', 'to be mounted', 'other/app')
      expect(mounted).toMatchObject({ mounted: true })
      expect(service.seen.at(-1)?.url.searchParams.getAll('scope')).toEqual([
        `${own}:pull,push`,
        `${other}:pull`,
      ])
      await upload(as(named('owner')), 'other/app', 'out of reach')
      const sent = await upload(as(named('writer')), 'team/app', 'out of reach', 'other/app')
      expect(sent).toMatchObject({ mounted: false, strategy: 'buffered' })
    })

    test('a delete asks for the right to, and says so where it is missing', async () => {
      const digest = await push(as(named('writer')), 'team/app', 'to be deleted')
      const failure = await failureIn(as(named('writer')).deleteManifest('team/app', digest))
      expect(failure).toMatchObject({ kind: 'denied', phase: 'delete' })
      expect(facts(failure, 'granted-scope')).toEqual([`${own}:pull,push`])
      await as(named('owner')).deleteManifest('team/app', digest)
      expect(await as(named('owner')).headManifest('team/app', digest)).toBeUndefined()
    })

    test('the catalog is for those who may list it', async () => {
      await push(as(named('owner')), 'team/app', 'listed')
      const pages = as(named('owner')).repositories()
      expect((await pages.next()).value).toMatchObject({
        names: expect.arrayContaining(['team/app']) as unknown,
      })
      expect((await failureIn(as(named('reader')).repositories().next())).kind).toBe('denied')
    })

    test('GET /v2/ is answered with a token for nothing in particular', async () => {
      expect(await as(named('reader')).ping()).toMatchObject({ authentication: 'bearer' })
    })
  })
}
