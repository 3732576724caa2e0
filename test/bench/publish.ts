import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Run as AppRun, startRun } from '../charts/queue-lab.ts'
import { chartArchive } from '../fakes/charts.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { openTool, type Tool } from '../lab/tool.ts'
import { type DelayProxy, type Passed, startDelayProxy } from './delay-proxy.ts'
import { measure, median } from './measure.ts'

/** Charts of the queue, and bytes of each that cannot be compressed. */
const queued = 50
const padding = 20_000

/** Milliseconds each way. */
const ways = [
  ['loopback', 0],
  ['50 ms each way', 50],
] as const

interface Archive {
  name: string
  bytes: Uint8Array
  path: string
}

/** What one publication took. */
interface Taken extends Passed {
  seconds: number
}

/**
 * One chart, and a queue of them, to a registry that has nothing of them yet: `helm push`, one after the other, and
 * Chartroom as it is once its window is open and the registry was greeted. In turns, `runs` times; medians.
 */
export async function publishSpeed(runs: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-bench-'))
  const helm = await openTool('helm')
  try {
    const archives = await archivesIn(directory)
    const start = median(
      await times(runs, async () => (await measure(helm.path, ['version'], helm.env)).seconds),
    )
    const rows: string[] = []
    for (const [name, delay] of ways)
      rows.push(...(await overWay(name, delay, { runs, helm, archives, directory })))
    return [
      `Starting helm for nothing takes ${start.toFixed(2)} s of each of its runs; medians of ${runs}:`,
      '',
      '| way | charts | client | requests | round trips | seconds | ratio |',
      '| --- | ---: | --- | ---: | ---: | ---: | ---: |',
      ...rows,
    ].join('\n')
  } finally {
    await helm.close()
    await rm(directory, { recursive: true, force: true })
  }
}

async function overWay(
  name: string,
  delay: number,
  parts: { runs: number; helm: Tool; archives: Archive[]; directory: string },
): Promise<string[]> {
  const { runs, helm, archives, directory } = parts
  const registry = await startDockerRegistry()
  const proxy = await startDelayProxy(registry.url, delay)
  const app = await startRun(join(directory, `profile-${delay}`))
  try {
    const { id } = await app.client.registries.add({
      name: 'Bench',
      url: proxy.url,
      credential: { source: 'anonymous' },
    })
    const rows: string[] = []
    for (const count of [1, queued]) {
      const charts = archives.slice(0, count)
      const theirs: Taken[] = []
      const ours: Taken[] = []
      for (let turn = 0; turn < runs; turn += 1) {
        const path = `of-${count}-${turn}`
        theirs.push(await pushed(helm, proxy, charts, `theirs/${path}`))
        ours.push(await published(app, proxy, charts, { registryId: id, path: `ours/${path}` }))
        process.stderr.write(`${turn + 1}/${runs} ${name}, ${count} charts\n`)
      }
      const peer = median(theirs.map(({ seconds }) => seconds))
      rows.push(
        rowOf([name, count, 'helm push'], theirs, peer),
        rowOf([name, count, 'Chartroom'], ours, peer),
      )
    }
    return rows
  } finally {
    await app.close()
    await proxy.stop()
    await registry.stop()
  }
}

async function pushed(helm: Tool, proxy: DelayProxy, charts: Archive[], path: string): Promise<Taken> {
  const to = `oci://${new URL(proxy.url).host}/${path}`
  proxy.take()
  let seconds = 0
  for (const chart of charts) {
    seconds += (await measure(helm.path, ['push', chart.path, to, '--plain-http'], helm.env)).seconds
  }
  return { ...proxy.take(), seconds }
}

/** From the click to the last chart that was read back; the files were taken in before. */
async function published(
  run: AppRun,
  proxy: DelayProxy,
  charts: Archive[],
  to: { registryId: string; path: string },
): Promise<Taken> {
  const ids = await run.add(...charts)
  await run.client.registries.ping({ id: to.registryId })
  proxy.take()
  const begun = performance.now()
  await Promise.all(ids.map((id) => run.client.publish.submit({ id, ...to, mode: 'auto' })))
  const ended = await Promise.all(ids.map((id) => run.window.reached(id, 'published', 'failed')))
  const seconds = (performance.now() - begun) / 1000
  const failed = ended.find(({ status }) => status === 'failed')
  if (failed !== undefined) throw new Error(failed.failure?.message ?? 'a chart was not published')
  for (const id of ids) await run.client.publish.remove({ id })
  return { ...proxy.take(), seconds }
}

async function archivesIn(directory: string): Promise<Archive[]> {
  const archives = []
  for (let number = 0; number < queued; number += 1) {
    const chart = `bench-${number}`
    const name = `${chart}-1.0.0.tgz`
    const path = join(directory, name)
    const bytes = await chartArchive({ name: chart, padding })
    await writeFile(path, bytes)
    archives.push({ name, bytes, path })
  }
  return archives
}

async function times<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let turn = 0; turn < count; turn += 1) results.push(await work())
  return results
}

function rowOf(what: Array<string | number>, taken: Taken[], peer: number): string {
  const seconds = median(taken.map((each) => each.seconds))
  const cells = [
    ...what,
    median(taken.map(({ requests }) => requests)),
    median(taken.map(({ trips }) => trips)),
    seconds.toFixed(2),
    (seconds / peer).toFixed(2),
  ]
  return `| ${cells.join(' | ')} |`
}
