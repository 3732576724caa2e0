import { connect } from 'node:tls'

/** Milliseconds a listener has to begin a handshake. */
const patience = 2000

/** Whether the listener at `url` answers a TLS handshake; any certificate will do, nothing is said over it. */
export async function speaksTls(url: URL, signal: AbortSignal): Promise<boolean> {
  const socket = connect({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || 80,
    rejectUnauthorized: false,
    timeout: patience,
  })
  try {
    return await new Promise<boolean>((resolve) => {
      const no = () => resolve(false)
      socket.once('secureConnect', () => resolve(true))
      socket.on('error', no).once('close', no).once('timeout', no)
      signal.addEventListener('abort', no, { once: true })
    })
  } finally {
    socket.destroy()
  }
}
