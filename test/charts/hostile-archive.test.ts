import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChartArchive } from '../../electron/charts/archive.ts'
import { archiveLimits } from '../../electron/charts/archive-refusals.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { archiveOf, chartYaml, type Entry, tarOf } from '../fakes/charts.ts'

let directory: string
let path: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-hostile-'))
  path = join(directory, 'chart.tgz')
})
afterAll(() => rm(directory, { recursive: true }))

const chart: Entry = { name: 'cart/Chart.yaml', body: chartYaml() }

/** The Failure of reading what is at `path`, which must not take the memory of what it unpacks to. */
async function failureOfPath(): Promise<Failure> {
  const before = process.memoryUsage().rss
  const outcome: unknown = await readChartArchive(path).catch((error: unknown) => error)
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
  expect(outcome).toHaveProperty('failure')
  return (outcome as { failure: Failure }).failure
}

async function failureOf(entries: readonly Entry[]): Promise<Failure> {
  await writeFile(path, await archiveOf(entries))
  return failureOfPath()
}

/** A tar whose parts are made while they are compressed. */
async function writeTar(parts: Iterable<Uint8Array>): Promise<void> {
  await pipeline(Readable.from(parts), createGzip({ level: 1 }), createWriteStream(path))
}

const limit = (name: keyof typeof archiveLimits) => ({ fact: 'limit', value: String(archiveLimits[name]) })

describe('an archive made to harm', () => {
  it.each([
    ['a file', { name: 'cart/templates/a.yaml' }, { name: 'cart/templates/a.yaml' }],
    ['a file by another spelling', { name: 'cart/templates/a.yaml' }, { name: 'cart\\templates//./a.yaml' }],
    ['a file in another folder', { name: 'cart/values.yaml' }, { name: 'card/values.yaml' }],
  ])('with %s twice is refused by name', async (_what, first, second) => {
    const failure = await failureOf([chart, first, second])
    expect(failure.kind).toBe('archive-invalid')
    expect(failure.evidence).toContainEqual({ fact: 'entry', value: second.name })
  })

  it('of a million entries is refused long before its end', async () => {
    const one = (await tarOf([{ name: 'cart/x/', type: 'directory' }])).subarray(0, 512)
    const block = Buffer.concat(Array.from({ length: 1000 }, () => one))
    await writeTar(Array.from({ length: 1000 }, () => block))
    expect((await failureOfPath()).evidence).toContainEqual(limit('entries'))
  })

  it.each(['pax-header', 'pax-global-header', 'gnu-long-name'] as const)(
    'of %s without end is refused',
    async (type) => {
      const one = await tarOf([{ name: 'more', type, body: '6 a=b\n'.repeat(170_000) }])
      await writeTar(Array.from({ length: 200 }, () => one.subarray(0, -1024)))
      expect((await failureOfPath()).evidence).toContainEqual(limit('headers'))
    },
  )

  it('with much after its end is refused', async () => {
    const zeros = Buffer.alloc(1024 * 1024)
    await writeTar([await tarOf([chart]), ...Array.from({ length: 200 }, () => zeros)])
    expect((await failureOfPath()).evidence).toContainEqual(limit('headers'))
  })

  it('with a PAX record that makes a small file a large one is refused', async () => {
    const record: Entry = { name: 'pax', type: 'pax-header', body: '20 size=99999999999\n' }
    const failure = await failureOf([chart, record, { name: 'cart/a', body: 'x' }])
    expect(failure.evidence).toContainEqual(limit('file'))
  })

  it('with a PAX path that leaves the chart is refused', async () => {
    const failure = await failureOf([chart, { name: 'cart/a', body: 'x', pax: { path: 'cart/../../x' } }])
    expect(failure.evidence).toContainEqual({ fact: 'entry', value: 'cart/../../x' })
  })

  it('with a path that is too long, or paths that are so together, is refused', async () => {
    const name = `cart/${'x'.repeat(archiveLimits.path)}`
    expect((await failureOf([chart, { name }])).evidence).toContainEqual(limit('path'))
    const many = Array.from({ length: 1100 }, (_, index) => ({ name: `cart/${index}/${'x'.repeat(4000)}` }))
    expect((await failureOf([chart, ...many])).evidence).toContainEqual(limit('paths'))
  })

  it('full of archives that unpack to much is refused when they do together', async () => {
    const body = Buffer.alloc(archiveLimits.file)
    const files = Array.from({ length: 20 }, (_, index) => ({ name: `sub/files/${index}`, body }))
    const bomb = await archiveOf([{ name: 'sub/Chart.yaml', body: chartYaml('sub') }, ...files.slice(1)])
    const failure = await failureOf([
      chart,
      ...Array.from({ length: 3 }, (_, index) => ({ name: `cart/charts/s${index}.tgz`, body: bomb })),
    ])
    expect(failure.evidence).toContainEqual(limit('streams'))
  })

  it.each(['Chart.yaml', 'requirements.yaml'])(
    'whose subchart has aliases that multiply in its %s is refused',
    async (file) => {
      const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]']
      for (let at = 1; at < 12; at += 1) {
        bomb.push(`a${at}: &a${at} [${Array.from({ length: 10 }, () => `*a${at - 1}`).join(', ')}]`)
      }
      const files = new Map([['Chart.yaml', chartYaml('sub')]])
      files.set(file, `${files.get(file) ?? ''}${bomb.join('\n')}\n`)
      const entries = [...files].map(([name, body]) => ({ name: `cart/charts/sub/${name}`, body }))
      const failure = await failureOf([chart, ...entries])
      expect(failure.kind).toBe('chart-invalid')
      expect(failure.message).toContain('In charts/sub: ')
    },
  )
})
