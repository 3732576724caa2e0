import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveLimits } from '../../electron/charts/archive-refusals.ts'
import { readChartArchive } from '../../electron/charts/archive.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { archiveOf, chartArchive, chartYaml, type Entry, tarOf, writeBomb } from '../fakes/charts.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-archive-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function read(bytes: Uint8Array) {
  const path = join(directory, 'chart.tgz')
  await writeFile(path, bytes)
  return readChartArchive(path)
}

async function failureFrom(reading: Promise<unknown>): Promise<Failure> {
  const outcome = await reading.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(outcome).toHaveProperty('failure')
  return (outcome as { failure: Failure }).failure
}

const chart: Entry = { name: 'cart/Chart.yaml', body: chartYaml() }

describe('a chart archive', () => {
  it('gives Chart.yaml, its files and the newest change', async () => {
    const archive = await read(await chartArchive())
    expect(Buffer.from(archive.chartYaml).toString()).toBe(chartYaml())
    expect(archive.entries).toBe(3)
    expect(new Date(archive.newest).toISOString()).toBe('2026-01-02T03:04:05.000Z')
  })

  it('takes the chart’s own Chart.yaml, wherever in the archive it is, and not a subchart’s', async () => {
    const sub = { name: 'cart/charts/sub/Chart.yaml', body: chartYaml('sub') }
    const archive = await read(await archiveOf([{ name: 'cart/', type: 'directory' }, sub, chart]))
    expect(Buffer.from(archive.chartYaml).toString()).toBe(chartYaml())
  })

  it('skips PAX headers and reads long and Windows paths', async () => {
    const long = { name: `cart/templates/${'deep/'.repeat(60)}x.yaml`, body: 'x' }
    const global: Entry = { name: 'pax_global_header', type: 'pax-global-header', body: '11 comment=\n' }
    const windows = { name: 'cart\\Chart.yaml', body: chartYaml() }
    const archive = await read(await archiveOf([global, long, windows]))
    expect(archive.entries).toBe(2)
    expect(archive.chartYaml.length).toBe(chartYaml().length)
  })

  it('keeps requirements.yaml for charts of apiVersion v1', async () => {
    const archive = await read(
      await archiveOf([chart, { name: 'cart/requirements.yaml', body: 'dependencies: []\n' }]),
    )
    expect(Buffer.from(archive.requirementsYaml ?? []).toString()).toBe('dependencies: []\n')
  })
})

describe('a file that is no chart archive', () => {
  it.each([
    ['text', Buffer.from('this is no archive\n')],
    ['an empty file', Buffer.alloc(0)],
    ['gzip around something else', gzipSync('hello '.repeat(1000))],
    ['a tar without gzip', null],
    ['a zip', Buffer.from('PK\u0003\u0004 and more')],
  ])('%s is refused as archive-invalid', async (_what, bytes) => {
    const failure = await failureFrom(read(bytes ?? (await tarOf([chart]))))
    expect(failure).toMatchObject({ kind: 'archive-invalid', phase: 'input', answeredBy: 'chartroom' })
    expect(failure.next).toContain('choose-another-file')
  })

  it('a truncated gzip is refused, wherever it was cut', async () => {
    const whole = await chartArchive({ padding: 100_000 })
    for (const bytes of [5, 20, 200, whole.length - 20, whole.length - 1]) {
      const failure = await failureFrom(read(whole.subarray(0, bytes)))
      expect(failure).toMatchObject({ kind: 'archive-invalid', message: 'The gzip data ends too early.' })
    }
  })

  it('a tar that ends in the middle of an entry is refused', async () => {
    const tar = await tarOf([chart, { name: 'cart/values.yaml', body: 'x'.repeat(5000) }])
    const failure = await failureFrom(read(gzipSync(tar.subarray(0, 3000))))
    expect(failure.kind).toBe('archive-invalid')
  })

  it.each([
    ['a parent path', { name: 'cart/../../etc/passwd' }, 'cart/../../etc/passwd'],
    ['a parent path at the start', { name: '../Chart.yaml' }, '../Chart.yaml'],
    ['a parent path with backslashes', { name: 'cart\\..\\..\\x' }, 'cart\\..\\..\\x'],
    ['an absolute path', { name: '/etc/passwd' }, '/etc/passwd'],
    ['a drive', { name: 'c:/windows/x' }, 'c:/windows/x'],
    ['a drive below the chart', { name: 'cart/c:/windows/x' }, 'cart/c:/windows/x'],
    [
      'an absolute link',
      { name: 'cart/values.yaml', type: 'symlink', linkname: '/etc/passwd' },
      'cart/values.yaml',
    ],
    ['a relative link', { name: 'cart/a', type: 'symlink', linkname: 'values.yaml' }, 'cart/a'],
    ['a hard link', { name: 'cart/a', type: 'link', linkname: '/etc/shadow' }, 'cart/a'],
    ['a device', { name: 'cart/dev', type: 'character-device' }, 'cart/dev'],
    ['a pipe', { name: 'cart/pipe', type: 'fifo' }, 'cart/pipe'],
    ['a bare Chart.yaml', { name: 'Chart.yaml', body: chartYaml() }, 'Chart.yaml'],
    ['a second Chart.yaml', { name: 'other/Chart.yaml', body: chartYaml('other') }, 'other/Chart.yaml'],
  ] as Array<[string, Entry, string]>)('%s is refused by name', async (_what, entry, named) => {
    const failure = await failureFrom(read(await archiveOf([chart, entry])))
    expect(failure.kind).toBe('archive-invalid')
    expect(failure.evidence).toContainEqual({ fact: 'entry', value: named })
  })

  it('an archive without Chart.yaml is no chart', async () => {
    const failure = await failureFrom(read(await archiveOf([{ name: 'cart/values.yaml', body: 'a: 1' }])))
    expect(failure.kind).toBe('chart-invalid')
  })
})

describe('an archive beyond the limits', () => {
  it.each([
    ['that says so', undefined],
    ['that claims to be small', 1000],
  ])('a 2 GiB Chart.yaml %s is refused in bounded memory', async (_what, claimed) => {
    const path = join(directory, 'bomb.tgz')
    await writeBomb(path, 2 * 1024 ** 3, claimed)
    const before = process.memoryUsage().rss
    const failure = await failureFrom(readChartArchive(path))
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
    expect(failure.kind).toBe(claimed === undefined ? 'file-too-large' : 'archive-invalid')
    if (claimed === undefined) {
      expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(archiveLimits.file) })
      expect(failure.evidence).toContainEqual({ fact: 'entry', value: 'cart/Chart.yaml' })
    }
  })

  it('a file above 5 MiB is refused by name, one of exactly 5 MiB is not', async () => {
    const big = (size: number) => archiveOf([chart, { name: 'cart/big', body: Buffer.alloc(size) }])
    await expect(read(await big(archiveLimits.file))).resolves.toMatchObject({ entries: 2 })
    const failure = await failureFrom(read(await big(archiveLimits.file + 1)))
    expect(failure.kind).toBe('file-too-large')
    expect(failure.evidence).toContainEqual({ fact: 'entry', value: 'cart/big' })
  })

  it('more than 100 MiB in all are refused', async () => {
    const body = Buffer.alloc(archiveLimits.file)
    const entries = Array.from({ length: 21 }, (_, index) => ({ name: `cart/files/${index}`, body }))
    const failure = await failureFrom(read(await archiveOf([chart, ...entries])))
    expect(failure.kind).toBe('file-too-large')
    expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(archiveLimits.content) })
  })

  it('an archive of nothing but headers is refused', async () => {
    const entries = Array.from({ length: archiveLimits.entries + 1 }, (_, index) => ({
      name: `cart/${index}`,
    }))
    const failure = await failureFrom(read(await archiveOf(entries)))
    expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(archiveLimits.entries) })
  })

  it('a Chart.yaml above 1 MiB is refused', async () => {
    const body = chartYaml('cart', '1.0.0', `description: ${'x'.repeat(archiveLimits.chartYaml)}\n`)
    const failure = await failureFrom(read(await archiveOf([{ name: 'cart/Chart.yaml', body }])))
    expect(failure.kind).toBe('file-too-large')
  })
})

describe('whatever the bytes are', () => {
  it('the answer is a chart or a Failure', async () => {
    const tar = await tarOf([
      { name: 'cart/', type: 'directory' },
      chart,
      { name: 'cart/values.yaml', body: 'a: 1' },
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        async (changes) => {
          const bytes = Uint8Array.from(tar)
          for (const [at, value] of changes) bytes[at] = value
          const outcome = await read(gzipSync(bytes)).then(
            ({ chartYaml: text }) => text.length <= archiveLimits.chartYaml,
            (error: unknown) => error instanceof FailureError && error.failure.kind !== 'internal',
          )
          expect(outcome).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
