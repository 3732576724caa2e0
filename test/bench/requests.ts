import { execFile } from 'node:child_process'
import { createServer, request } from 'node:http'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { chartArchive } from '../fakes/charts.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { openTool } from '../lab/tool.ts'

const cli = fileURLToPath(new URL('../../electron/cli.ts', import.meta.url))

/** The requests of publishing a chart, first anew and then once more, by `helm push` and by us. */
export async function publishRequests(): Promise<string> {
  const registry = await startDockerRegistry()
  const counter = await startCounter(registry.url)
  const helm = await openTool('helm')
  try {
    const file = join(helm.directory, 'cart-1.0.0.tgz')
    await writeFile(file, await chartArchive({ padding: 100_000 }))
    const theirs = () => helm.run('push', file, `oci://${new URL(counter.url).host}/theirs`, '--plain-http')
    const words = [cli, 'publish', '--registry', counter.url, '--path', 'ours', '--mode', 'auto', file]
    const ours = () => promisify(execFile)(process.execPath, words, { env: helm.env })
    const rows = []
    for (const [name, push] of [
      ['helm push', theirs],
      ['Chartroom', ours],
    ] as const) {
      for (const time of ['anew', 'once more']) {
        await push()
        const seen = counter.take()
        rows.push(`| ${name} | ${time} | ${seen.length} | ${tally(seen)} |`)
      }
    }
    return ['| client | the chart | requests | which |', '| --- | --- | ---: | --- |', ...rows].join('\n')
  } finally {
    await helm.close()
    await counter.stop()
    await registry.stop()
  }
}

function tally(methods: readonly string[]): string {
  const names = [...new Set(methods)]
  return names.map((name) => `${methods.filter((each) => each === name).length} ${name}`).join(', ')
}

/** Passes requests on to `target` and remembers them: the method and the kind of end-point. */
async function startCounter(
  target: string,
): Promise<{ url: string; take(): string[]; stop(): Promise<void> }> {
  let seen: string[] = []
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming
    seen.push(`${method} ${endpointOf(url)}`)
    const passed = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.once('error', () => outgoing.destroy())
    incoming.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => {
      const taken = seen
      seen = []
      return taken
    },
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function endpointOf(url: string): string {
  if (url.includes('/blobs/uploads/')) return 'upload'
  if (url.includes('/blobs/')) return 'blob'
  if (url.includes('/manifests/')) return 'manifest'
  return 'other'
}
