import { describe, expect, it } from 'vitest'
import { type PullHost, readHosts } from '../../electron/pulls/hosts-toml.ts'
import { FailureError } from '../../shared/model/failure.ts'

const spegel = `server = 'https://ghcr.io'

[host.'http://10.0.0.5:30020']
capabilities = ['pull', 'resolve']
dial_timeout = '200ms'

[host.'http://10.0.0.5:30021']
capabilities = ['pull', 'resolve']
dial_timeout = '200ms'
`

function failureOf(text: string) {
  try {
    readHosts(text, 'docker.io')
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it was read')
}

const names = (hosts: PullHost[]) => hosts.map(({ host }) => host)
const last = (hosts: PullHost[]) => hosts.at(-1)

describe('readHosts', () => {
  it('reads what Spegel writes', () => {
    const mirror = {
      path: '/v2',
      role: 'mirror',
      resolve: true,
      pull: true,
      headers: {},
      ownTls: false,
    }
    expect(readHosts(spegel, 'ghcr.io')).toEqual([
      { ...mirror, origin: 'http://10.0.0.5:30020', host: '10.0.0.5:30020' },
      { ...mirror, origin: 'http://10.0.0.5:30021', host: '10.0.0.5:30021' },
      { ...mirror, origin: 'https://ghcr.io', host: 'ghcr.io', role: 'upstream' },
    ])
  })

  it.each([
    ['docker.io', 'https://registry-1.docker.io'],
    ['ghcr.io', 'https://ghcr.io'],
    ['10.0.0.7:5000', 'https://10.0.0.7:5000'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['127.0.0.1:80', 'http://127.0.0.1'],
    ['localhost:5000', 'http://localhost:5000'],
    ['localhost:443', 'https://localhost'],
    ['localhost', 'https://localhost'],
    ['[::1]:5000', 'http://[::1]:5000'],
  ])('asks for %s at %s where the file says nothing', (registry, origin) => {
    for (const text of ['', '[host."http://m:1"]\n', '# nothing\n']) {
      expect(last(readHosts(text, registry))).toMatchObject({ origin, role: 'upstream', path: '/v2' })
    }
  })

  it('asks hosts in the order of the file, also those whose names look like numbers', () => {
    const text =
      '[host."http://b"]\n[host."http://b".header]\nx = "1"\n[host.10]\n[ host . "http://a" ]\n[host."9"]\n'
    expect(names(readHosts(text, 'ghcr.io'))).toEqual(['b', '10', 'a', '9', 'ghcr.io'])
  })

  it('keeps a host as it is written, without the user in front', () => {
    const text = 'server = "https://Harbor.corp:443/"\n[host."http://me:secret@m:80/v2"]\n'
    expect(names(readHosts(text, 'ghcr.io'))).toEqual(['m:80', 'Harbor.corp:443'])
    expect(readHosts(text, 'ghcr.io').map(({ origin }) => origin)).toEqual([
      'http://m',
      'https://harbor.corp',
    ])
  })

  it('asks a host again that is named again after another, as containerd does', () => {
    const text = '[host."http://a"]\n[host."http://b"]\n[host."http://a".header]\nx = "1"\n'
    expect(names(readHosts(text, 'ghcr.io'))).toEqual(['a', 'b', 'a', 'ghcr.io'])
  })

  it('takes tables alone: containerd does not see inline ones', () => {
    expect(names(readHosts('host = { "http://a" = {} }\n', 'ghcr.io'))).toEqual(['ghcr.io'])
  })

  it('does not take a table out of a string', () => {
    const text =
      'server = """https://s"""\n[host."http://a"]\nheader = { x = """1\n[host."http://b"]\n""" }\n'
    expect(failureOf(text).message).toContain('The header "x" cannot be sent')
  })

  it.each([
    ['http://m:1', '', '/v2'],
    ['http://m:1/', '', '/v2'],
    ['http://m:1/v2/', '', '/v2'],
    ['http://m:1/proxy', '', '/proxy/v2'],
    ['http://m:1/proxy/v2', '', '/proxy/v2'],
    ['http://m:1/proxy//cache/', 'override_path = true', '/proxy/cache'],
    ['http://m:1', 'override_path = true', ''],
  ])('asks %s %s below %s', (server, more, path) => {
    expect(readHosts(`[host."${server}"]\n${more}\n`, 'ghcr.io')[0]?.path).toBe(path)
  })

  it('reads capabilities in any case and takes all where none are named', () => {
    const text =
      '[host.a]\ncapabilities = ["Pull"]\n[host.b]\ncapabilities = ["resolve", "push"]\n[host.c]\ncapabilities = []\n'
    expect(readHosts(text, 'ghcr.io').map(({ resolve, pull }) => [resolve, pull])).toEqual([
      [false, true],
      [true, false],
      [true, true],
      [true, true],
    ])
  })

  it('takes what stands at the top for the server, and capabilities only with a server named', () => {
    const top = 'capabilities = ["pull"]\n[header]\nx-key = ["a", "b"]\n'
    expect(last(readHosts(`server = "https://up"\n${top}`, 'ghcr.io'))).toMatchObject({
      host: 'up',
      resolve: false,
      headers: { 'x-key': 'a, b' },
    })
    expect(last(readHosts(top, 'ghcr.io'))).toMatchObject({
      host: 'ghcr.io',
      resolve: true,
      headers: { 'x-key': 'a, b' },
    })
  })

  it('knows hosts whose certificate the file vouches for', () => {
    const text =
      '[host.a]\nskip_verify = true\n[host.b]\nca = ["x.pem"]\n[host.c]\nclient = [["a", "b"], "c"]\n[host.d]\n'
    expect(readHosts(text, 'ghcr.io').map(({ ownTls }) => ownTls)).toEqual([true, true, true, false, false])
  })

  it.each([
    ['what is no TOML', 'server = "https://up"\n[host\nx = 1\n', 2, 'does not parse'],
    [
      'a capability nobody knows',
      '[host.a]\n[host.b]\ncapabilities = ["fly"]\n',
      2,
      '"fly" is no capability',
    ],
    ['a wrong type', '[host.a]\ncapabilities = "pull"\n', 1, 'wrong type'],
    ['a wrong type at the top', '\nserver = 5\n', 2, 'server has a value of the wrong type'],
    ['a duration that is none', '[host.a]\ndial_timeout = "soon"\n', 1, 'dial_timeout'],
    ['an address that is none', '[host."http://"]\n', 1, 'is no host'],
    ['a scheme nobody speaks', '[host."httpx://a"]\n', 1, 'is no host'],
    ['a header that cannot be sent', '[host.a.header]\n"x y" = "1"\n', 1, 'The header "x y" cannot be sent'],
    ['names that are traps', '[host.__proto__]\n', 1, 'does not parse'],
  ])('refuses %s, with its line', (_, text, line, why) => {
    const failure = failureOf(text)
    expect(failure).toMatchObject({ kind: 'hosts-invalid', phase: 'input', next: ['fix-line'] })
    expect(failure.evidence).toEqual([{ fact: 'line', value: String(line) }])
    expect(failure.message).toContain(`hosts.toml, line ${line}: `)
    expect(failure.message).toContain(why)
  })

  it('refuses more hosts than anybody has', () => {
    const text = Array.from({ length: 64 }, (_, n) => `[host."http://m:${n + 1}"]\n`).join('')
    expect(failureOf(text).message).toContain('more than 64 hosts')
  })

  it('never quotes a secret of the file', () => {
    const secret = 'Basic c2VjcmV0OnNlY3JldA=='
    const texts = [
      `[host.a.header]\nAuthorization = "${secret}" oops\n`,
      `[host.a.header]\nAuthorization = { x = "${secret}" }\n`,
      `[host.a.header]\nAuthorization = """${secret}\n"""\n`,
    ]
    for (const text of texts) expect(JSON.stringify(failureOf(text))).not.toContain('c2VjcmV0')
  })
})
