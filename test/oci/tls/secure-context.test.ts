import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hang, startFaultyServer } from '../../fakes/faulty-server.ts'
import { chains } from '../../fakes/chains.ts'

const fixtures = fileURLToPath(new URL('../../fixtures/tls/', import.meta.url))
const secureContext = new URL('../../../electron/oci/tls/secure-context.ts', import.meta.url).href

/** Shakes hands with `port` in a process of its own, since Node reads the system's authorities once. */
async function trustedIn(port: string, env: Record<string, string>): Promise<string> {
  const script = `
    import { connect } from 'node:tls'
    import { secureContextOf } from ${JSON.stringify(secureContext)}
    const socket = connect({ host: '127.0.0.1', port: ${port}, secureContext: secureContextOf(undefined) })
    socket.once('secureConnect', () => { console.log('trusted'); socket.destroy() })
    socket.once('error', ({ code }) => console.log(code))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return (await text(child.stdout)).trim()
}

test('authorities of the system’s store and of NODE_EXTRA_CA_CERTS are trusted without saying so', async () => {
  const server = await startFaultyServer(hang, { tls: chains.good })
  try {
    const { port } = new URL(server.url)
    const [none, extra, store] = await Promise.all([
      trustedIn(port, {}),
      trustedIn(port, { NODE_EXTRA_CA_CERTS: `${fixtures}root.pem` }),
      trustedIn(port, { SSL_CERT_FILE: `${fixtures}root.pem` }),
    ])
    expect(none).toMatch(/^(?:UNABLE_TO_GET_ISSUER|SELF_SIGNED)_CERT/)
    expect(extra).toBe('trusted')
    // where OpenSSL keeps the store of the system; macOS and Windows have one of their own
    expect(store).toBe(['darwin', 'win32'].includes(process.platform) ? none : 'trusted')
  } finally {
    await server.stop()
  }
})
