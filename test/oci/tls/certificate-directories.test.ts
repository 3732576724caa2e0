import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  certificateDirectories,
  readMachineTrust,
} from '../../../electron/oci/tls/certificate-directories.ts'
import { chains, client, root } from '../../fakes/chains.ts'
import { selfSigned } from '../../fakes/certificate.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'chartroom-certs-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

async function put(path: string, text: string): Promise<string> {
  const whole = join(home, path)
  await mkdir(dirname(whole), { recursive: true })
  await writeFile(whole, text)
  return whole
}
const read = (url = 'https://registry.test:5000') =>
  readMachineTrust(url, {
    docker: [join(home, 'own'), join(home, 'all')],
    containerd: [join(home, 'containerd')],
  })

test('nothing there is nothing wrong', async () => {
  expect(await read()).toEqual({ authorities: [], unread: [] })
})

test('every .crt of every folder is an authority; other registries’ and other files are not', async () => {
  const first = await put('own/registry.test:5000/a.crt', root)
  const second = await put('all/registry.test:5000/b.crt', selfSigned.cert)
  await put('all/registry.test:5001/c.crt', root)
  await put('all/registry.test/d.crt', root)
  await put('all/registry.test:5000/readme.txt', root)
  expect(await read()).toEqual({
    authorities: [
      { from: first, ca: root },
      { from: second, ca: selfSigned.cert },
    ],
    unread: [],
  })
})

test('the port that goes without saying may be said', async () => {
  await put('all/registry.test/a.crt', root)
  await put('all/registry.test:443/b.crt', root)
  expect((await read('https://registry.test')).authorities).toHaveLength(2)
})

test('a .cert with its .key is a client certificate; the first is taken', async () => {
  const from = await put('own/registry.test:5000/client.cert', client.certificate)
  await put('own/registry.test:5000/client.key', client.key)
  await put('all/registry.test:5000/other.cert', chains.good.cert)
  await put('all/registry.test:5000/other.key', chains.good.key)
  expect((await read()).client).toEqual({ from, ...client })
})

test('what is broken is named and spoils nothing else', async () => {
  const broken = await put('all/registry.test:5000/a.crt', 'not a certificate')
  await put('all/registry.test:5000/b.crt', root)
  const alone = await put('all/registry.test:5000/c.cert', client.certificate)
  const wrongKey = await put('all/registry.test:5000/d.cert', client.certificate)
  await put('all/registry.test:5000/d.key', chains.good.key)
  const toml = await put('containerd/registry.test:5000/hosts.toml', 'ca = [')
  const trust = await read()
  expect(trust.authorities).toHaveLength(1)
  expect(trust.client).toBeUndefined()
  expect(trust.unread).toEqual([broken, alone, wrongKey, toml])
})

test('hosts.toml names files of its folder and elsewhere, for the registry and not for its mirrors', async () => {
  const elsewhere = await put('elsewhere/ca.pem', root)
  const beside = await put('containerd/registry.test_5000_/own.pem', selfSigned.cert)
  const pair = await put('containerd/registry.test_5000_/client.pem', client.certificate)
  await put('containerd/registry.test_5000_/client.key', client.key)
  await put('containerd/registry.test_5000_/mirror.pem', root)
  await put(
    'containerd/registry.test_5000_/hosts.toml',
    [
      'server = "https://registry.test:5000"',
      'skip_verify = true',
      `ca = ${JSON.stringify(elsewhere)}`,
      '[host."https://registry.test:5000"]',
      'ca = ["own.pem"]',
      'client = [["client.pem", "client.key"]]',
      '[host."https://mirror.test"]',
      'ca = "mirror.pem"',
    ].join('\n'),
  )
  expect(await read()).toEqual({
    authorities: [
      { from: elsewhere, ca: root },
      { from: beside, ca: selfSigned.cert },
    ],
    client: { from: pair, ...client },
    unread: [],
  })
})

test('a client certificate with its key in one file is taken', async () => {
  const both = client.certificate + client.key
  const from = await put('containerd/registry.test:5000/both.pem', both)
  await put('containerd/registry.test:5000/hosts.toml', 'client = "both.pem"')
  expect((await read()).client).toEqual({ from, certificate: client.certificate, key: both })
})

test('without hosts.toml containerd’s folder is read as docker’s', async () => {
  const from = await put('containerd/registry.test_5000_/ca.crt', root)
  expect((await read()).authorities).toEqual([{ from, ca: root }])
})

test('where a name has no colon, host and port stand together', async () => {
  const from = await put('all/registry.test5000/ca.crt', root)
  const trust = await readMachineTrust('https://registry.test:5000', {
    docker: [join(home, 'all')],
    containerd: [],
    withoutColon: true,
  })
  expect(trust.authorities).toEqual([{ from, ca: root }])
})

test('docker’s, podman’s and containerd’s folders are known, the user’s own first', () => {
  expect(certificateDirectories('/home/lena', {}, 'linux')).toEqual({
    docker: [
      '/home/lena/.config/containers/certs.d',
      '/home/lena/.docker/certs.d',
      '/etc/containers/certs.d',
      '/etc/docker/certs.d',
    ],
    containerd: ['/etc/containerd/certs.d'],
  })
  const windows = certificateDirectories('/home/lena', { ProgramData: '/data' }, 'win32')
  expect(windows).toMatchObject({ containerd: [], withoutColon: true })
  expect(windows.docker.at(-1)).toContain('docker')
})
