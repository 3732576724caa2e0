/**
 * The helm line that pushes a chart through a relay at `address` (127.0.0.1:port). Behind TLS the registry shows the
 * certificate of its own name, so helm has to ask for that name at the relay's port: `name` is then what the hosts
 * file must send to this computer (electron/relay/relay.ts).
 */
export function relayPush({
  address,
  registryUrl,
  fileName,
  path,
}: {
  address: string
  registryUrl: string
  fileName: string
  path: string
}): { command: string; name?: string } {
  const { protocol, hostname } = new URL(registryUrl)
  const folder = path === '' ? '' : `/${path}`
  const file = /^[\w.+-]+$/.test(fileName) ? fileName : `'${fileName.replaceAll("'", String.raw`'\''`)}'`
  if (protocol === 'http:') return { command: `helm push ${file} oci://${address}${folder} --plain-http` }
  const port = address.slice(address.lastIndexOf(':'))
  return { command: `helm push ${file} oci://${hostname}${port}${folder}`, name: hostname }
}
