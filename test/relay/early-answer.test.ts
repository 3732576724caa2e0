import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createTransport } from '../../electron/oci/transport.ts'
import { startRelay } from '../../electron/relay/relay.ts'

test('through the relay, too, a refusal is seen however its reset races with the body', async () => {
  const script = fileURLToPath(new URL('../fakes/refusing-process.ts', import.meta.url))
  const server = spawn(process.execPath, [script, '1000'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  const { href, hostname, port } = new URL(line.toString('utf8').trim())
  const relay = await startRelay({ host: hostname, port: Number(port) })
  const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  const body = Buffer.alloc(8 * 1024 * 1024)
  try {
    const seen = new Set<number>()
    for (let round = 0; round < 40; round += 1) {
      const { status } = await transport.send({
        method: 'PUT',
        url: href,
        phase: 'upload-body',
        role: 'registry',
        maxBytes: 1024 * 1024,
        body: () => body,
        connection: { relayPort: relay.port },
      })
      seen.add(status)
    }
    expect([...seen]).toEqual([413])
    expect(relay.counts()).toMatchObject({ refused: 0 })
    expect(relay.counts().accepted).toBe(40)
  } finally {
    await transport.close()
    await relay.stop()
    server.stdin.end()
    await once(server, 'close')
  }
})
