import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { certificatesIn, checkClientPair } from '../../../electron/oci/tls/pem.ts'
import { chains, client, root } from '../../fakes/chains.ts'
import { failureIn } from '../../fakes/failure-in.ts'

const messageOf = async (job: () => unknown) => {
  const failure = await failureIn(Promise.resolve().then(job))
  expect(failure).toMatchObject({ kind: 'input-invalid', phase: 'input' })
  return failure.message
}

test('certificates are read in their order, whatever stands between them', () => {
  const found = certificatesIn(`# ours\r\n${root}\ntext\n${chains.good.cert}`)
  expect(found.map(({ subject }) => subject.split('CN=')[1])).toEqual(['root', 'server', 'intermediate'])
})

test('what is no certificate is said to be none', async () => {
  expect(await messageOf(() => certificatesIn('hello'))).toMatch(/no certificate in PEM form/)
  const cut = root.replace(/\n[^\n]+\n-----END/, '\n-----END')
  expect(await messageOf(() => certificatesIn(root + cut))).toBe('Certificate 2 of 2 cannot be read.')
  expect(await messageOf(() => certificatesIn(root.repeat(1001)))).toMatch(/more than 1000/)
})

test('a private key among certificates is refused, for they are kept in the open', async () => {
  const message = await messageOf(() => certificatesIn(client.certificate + client.key))
  expect(message).toMatch(/belongs into the field for the key/)
})

test('a key must be that of its certificate, readable and open', async () => {
  checkClientPair(client.certificate, client.key)
  expect(await messageOf(() => checkClientPair(client.certificate, chains.good.key))).toMatch(
    /is not that of/,
  )
  expect(await messageOf(() => checkClientPair(client.certificate, 'hello'))).toMatch(/cannot be read/)
  const locked = execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:x'], { input: client.key })
  expect(await messageOf(() => checkClientPair(client.certificate, locked.toString()))).toMatch(/passphrase/)
})
