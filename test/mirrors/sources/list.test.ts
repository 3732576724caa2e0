import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSourceList, type SourceList } from '../../../electron/mirrors/sources/list.ts'
import { type SourceDraft, sourceDraftSchema } from '../../../shared/model/mirror-source.ts'
import { selfSigned } from '../../fakes/certificate.ts'
import { memoryVault } from '../../fakes/memory-vault.ts'

let directory: string
let vault: ReturnType<typeof memoryVault>
let list: SourceList

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-sources-'))
  vault = memoryVault()
  list = createSourceList({ directory, vault })
})
afterEach(() => rm(directory, { recursive: true }))

function draft(more: Record<string, unknown> = {}): SourceDraft {
  return sourceDraftSchema.parse({
    name: 'prod',
    settings: { kind: 'prometheus', url: 'https://prometheus.test/base' },
    ...more,
  })
}
const agents = (...addresses: string[]) => ({ settings: { kind: 'agents', addresses } })
const basic = { credential: { kind: 'basic', username: 'ann', password: 'pa55word' } }
const basicKept = { credential: { kind: 'basic', username: 'ann' } }
const onDisk = () => readFile(join(directory, 'sources.json'), 'utf8')

describe('the saved sources', () => {
  it('are kept with their settings; what is a secret is in the vault alone', async () => {
    const entry = await list.add(draft({ ...basic, tls: { verify: false, ca: selfSigned.cert } }))
    expect(entry).toMatchObject({
      name: 'prod',
      settings: { kind: 'prometheus', url: 'https://prometheus.test/base', matchers: '', mirrorPort: 30_020 },
      credential: { kind: 'basic', username: 'ann', hasSecret: true },
      tls: { verify: false, hasCa: true, hasClientCertificate: false },
      demo: false,
    })
    expect(await createSourceList({ directory, vault }).entries()).toEqual([entry])
    expect(vault.secrets()).toEqual({ [`mirror-source:${entry.id}`]: 'pa55word' })
    expect(JSON.stringify(entry) + (await onDisk())).not.toContain('pa55word')
  })

  it('lend their secrets to whoever opens them', async () => {
    const { cert, key } = selfSigned
    const tls = { ca: cert, clientCertificate: cert, clientKey: key }
    const token = await list.add(draft({ credential: { kind: 'bearer', token: 't0ken' }, tls }))
    const plain = await list.add(draft({ name: 'plain' }))
    const [first, second] = await list.all()
    if (first === undefined || second === undefined) throw new Error('two were saved')
    expect(await list.access(first)).toEqual({
      credential: { kind: 'bearer', token: 't0ken' },
      connection: { tls: { verify: true, ca: [cert], client: { certificate: cert, key } } },
    })
    expect(await list.access(second)).toEqual({})
    expect(token.tls.hasClientCertificate).toBe(true)
    expect(plain.credential.hasSecret).toBe(false)
    expect(await onDisk()).not.toContain('PRIVATE KEY')
  })

  it('take their secrets with them when they go', async () => {
    const { cert, key } = selfSigned
    const entry = await list.add(draft({ ...basic, tls: { clientCertificate: cert, clientKey: key } }))
    expect(Object.keys(vault.secrets())).toHaveLength(2)
    expect(await list.remove(entry.id)).toEqual({ removed: true })
    expect(await list.remove(entry.id)).toEqual({ removed: false })
    expect([await list.entries(), vault.secrets()]).toEqual([[], {}])
  })

  it('say that one is not there', async () => {
    const gone = { failure: { kind: 'no-such-item' } }
    await expect(list.update('x', draft())).rejects.toMatchObject(gone)
    await expect(list.onTrial(draft(), 'x')).rejects.toMatchObject(gone)
  })
})

describe('a secret that a changed source leaves out', () => {
  it.each([
    ['the name changes', draft(basic), draft({ ...basicKept, name: 'other' }), true],
    [
      'the path changes',
      draft(basic),
      draft({ ...basicKept, settings: { kind: 'prometheus', url: 'https://prometheus.test/other' } }),
      true,
    ],
    [
      'the host changes',
      draft(basic),
      draft({ ...basicKept, settings: { kind: 'prometheus', url: 'https://elsewhere.test' } }),
      false,
    ],
    [
      'TLS is left off',
      draft(basic),
      draft({ ...basicKept, settings: { kind: 'prometheus', url: 'http://prometheus.test' } }),
      false,
    ],
    [
      'an agent is taken off',
      draft({ ...basic, ...agents('a', 'b') }),
      draft({ ...basicKept, ...agents('b:9090') }),
      true,
    ],
    [
      'an agent is added',
      draft({ ...basic, ...agents('a') }),
      draft({ ...basicKept, ...agents('a', 'b') }),
      false,
    ],
    ['it becomes another kind', draft({ ...basic, ...agents('prometheus.test') }), draft(basicKept), false],
    ['a token is wanted instead', draft(basic), draft({ credential: { kind: 'bearer' } }), false],
    ['nobody is to ask', draft(basic), draft(), false],
    [
      'another context is chosen',
      draft({ ...basic, settings: { kind: 'kubernetes', context: 'a' } }),
      draft({ ...basicKept, settings: { kind: 'kubernetes', context: 'b' } }),
      false,
    ],
  ])('where %s', async (_, before, after, stays) => {
    const { id } = await list.add(before)
    const trial = await list.onTrial(after, id)
    expect(trial.access.credential !== undefined).toBe(stays)
    expect((await list.update(id, after)).credential.hasSecret).toBe(stays)
    expect(Object.values(vault.secrets())).toEqual(stays ? ['pa55word'] : [])
  })

  it('is replaced by a new one', async () => {
    const { id } = await list.add(draft(basic))
    await list.update(id, draft({ credential: { kind: 'basic', username: 'ann', password: 'n3w' } }))
    expect(Object.values(vault.secrets())).toEqual(['n3w'])
  })
})

describe('the TLS a changed source leaves out', () => {
  it('stays with the host it was said of', async () => {
    const { cert, key } = selfSigned
    const tls = { verify: false, ca: cert, clientCertificate: cert, clientKey: key }
    const { id } = await list.add(draft({ tls }))
    expect((await list.update(id, draft())).tls).toEqual({
      verify: false,
      hasCa: true,
      hasClientCertificate: true,
    })
    const elsewhere = draft({ settings: { kind: 'prometheus', url: 'https://elsewhere.test' } })
    expect((await list.update(id, elsewhere)).tls).toEqual({
      verify: true,
      hasCa: false,
      hasClientCertificate: false,
    })
    expect(vault.secrets()).toEqual({})
  })

  it('is refused where it is no certificate, and nothing changes', async () => {
    const { id } = await list.add(draft(basic))
    const bad = draft({ name: 'other', tls: { ca: 'no PEM' } })
    await expect(list.update(id, bad)).rejects.toMatchObject({ failure: { kind: 'input-invalid' } })
    expect(await list.entries()).toMatchObject([{ name: 'prod', credential: { hasSecret: true } }])
  })
})

describe('the agents of earlier versions', () => {
  const old = () => join(directory, 'agents.json')

  it('become one source, once', async () => {
    await writeFile(old(), JSON.stringify(['node-1', 'http://node-2:9090/metrics']))
    const expected = [
      {
        id: 'agents',
        name: 'Agents',
        settings: { kind: 'agents', addresses: ['node-1', 'http://node-2:9090/metrics'], mirrorPort: 30_020 },
        credential: { kind: 'none', hasSecret: false },
      },
    ]
    expect(await list.entries()).toMatchObject(expected)
    await expect(access(old())).rejects.toMatchObject({ code: 'ENOENT' })
    // the app ended before the old list was gone
    await writeFile(old(), JSON.stringify(['node-1']))
    expect(await createSourceList({ directory, vault }).entries()).toMatchObject(expected)
  })

  it('that were none leave no source behind', async () => {
    await writeFile(old(), '[]')
    expect(await list.entries()).toEqual([])
    await expect(access(old())).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('that cannot be read stay where they are', async () => {
    await writeFile(old(), '{"agents":')
    expect(await list.entries()).toEqual([])
    expect(await readFile(old(), 'utf8')).toBe('{"agents":')
  })
})
