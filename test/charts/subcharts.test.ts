import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChartArchive, readChartArchive } from '../../electron/charts/archive.ts'
import { archiveLimits } from '../../electron/charts/archive-refusals.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { archiveOf, chartArchive, chartYaml, type Entry } from '../fakes/charts.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-subcharts-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function read(entries: readonly Entry[]): Promise<ChartArchive> {
  const path = join(directory, 'chart.tgz')
  await writeFile(path, await archiveOf([{ name: 'cart/Chart.yaml', body: chartYaml() }, ...entries]))
  return readChartArchive(path)
}

async function failureOf(entries: readonly Entry[]): Promise<Failure> {
  const outcome: unknown = await read(entries).catch((error: unknown) => error)
  expect(outcome).toHaveProperty('failure')
  return (outcome as { failure: Failure }).failure
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()

describe('what is read of a chart in one pass', () => {
  it('keeps values, schema and lock of the chart itself, without byte order marks', async () => {
    const { files, paths } = await read([
      { name: 'cart/values.yaml', body: '\uFEFFa: 1\n' },
      { name: 'cart/values.schema.json', body: '{}' },
      { name: 'cart/Chart.lock', body: 'digest: x\n' },
      { name: 'cart/templates/values.yaml', body: 'not these' },
    ])
    expect([...files.keys()]).toEqual(['Chart.yaml', 'values.yaml', 'values.schema.json', 'Chart.lock'])
    expect(text(files.get('values.yaml'))).toBe('a: 1\n')
    expect(paths).toContain('templates/values.yaml')
  })

  it('finds subcharts in folders and archives, with theirs', async () => {
    const inner = await archiveOf([
      { name: 'db/Chart.yaml', body: chartYaml('db', '2.0.0') },
      { name: 'db/values.schema.json', body: '{"type":"object"}' },
      { name: 'db/charts/common/Chart.yaml', body: chartYaml('common', '0.1.0', 'type: library\n') },
    ])
    const { subcharts, entries } = await read([
      { name: 'cart/charts/web/Chart.yaml', body: chartYaml('web', '1.1.1') },
      { name: 'cart/charts/web/values.yaml', body: 'port: 80\n' },
      { name: 'cart/charts/web/templates/a.yaml', body: 'a: 1' },
      { name: 'cart/charts/db-2.0.0.tgz', body: inner },
      { name: 'cart/charts/db-2.0.0.tgz.prov', body: 'signed' },
      { name: 'cart/charts/_old/notes.txt', body: 'Helm leaves it out' },
      { name: 'cart/charts/.keep', body: '' },
    ])
    expect(subcharts.map(({ name, version }) => `${name} ${version}`)).toEqual(['db 2.0.0', 'web 1.1.1'])
    const [db, web] = subcharts
    expect(text(db?.valuesSchema)).toBe('{"type":"object"}')
    expect(db?.subcharts.map(({ metadata }) => metadata.type)).toEqual(['library'])
    expect(text(web?.values)).toBe('port: 80\n')
    expect(entries).toBe(8)
  })

  it.each([
    ['a loose file', { name: 'cart/charts/README.md', body: 'hello' }, 'In charts/README.md: '],
    ['a folder that is no chart', { name: 'cart/charts/web/a.txt', body: '' }, 'In charts/web: '],
    ['a broken Chart.yaml', { name: 'cart/charts/web/Chart.yaml', body: '}' }, 'In charts/web: '],
    ['an archive that is none', { name: 'cart/charts/web.tgz', body: 'text' }, 'In charts/web.tgz: '],
  ])('refuses %s in charts/ by its place, as Helm does', async (_what, entry, begins) => {
    const failure = await failureOf([entry])
    expect(['chart-invalid', 'archive-invalid']).toContain(failure.kind)
    expect(failure.message.slice(0, begins.length)).toBe(begins)
  })

  it('refuses archives in archives beyond their depth', async () => {
    let bytes = await chartArchive({ name: 'sub' })
    for (let depth = 0; depth <= archiveLimits.depth; depth += 1) {
      const chart = { name: 'sub/Chart.yaml', body: chartYaml('sub') }
      bytes = await archiveOf([chart, { name: 'sub/charts/sub.tgz', body: bytes }])
    }
    const failure = await failureOf([{ name: 'cart/charts/sub.tgz', body: bytes }])
    expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(archiveLimits.depth) })
  })

  it('refuses values beyond what is kept of a chart and its subcharts together', async () => {
    const body = Buffer.alloc(archiveLimits.file - 100, ' ')
    const failure = await failureOf(
      Array.from({ length: 7 }, (_, index) => ({ name: `cart/charts/s${index}/values.yaml`, body })),
    )
    expect(failure.kind).toBe('file-too-large')
    expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(archiveLimits.kept) })
  })
})
