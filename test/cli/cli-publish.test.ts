import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFolder } from '../fakes/chart-folders.ts'
import { chartArchive, chartYaml } from '../fakes/charts.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Machine, createMachine } from './run-cli.ts'

const credential = { username: 'ann', password: 'pa55word' }
const env = { CHARTROOM_USERNAME: credential.username, CHARTROOM_PASSWORD: credential.password }
let registry: DockerRegistry
let machine: Machine

beforeAll(async () => {
  machine = await createMachine()
  registry = await startDockerRegistry({ htpasswd: credential })
})
afterAll(async () => {
  await registry.stop()
  await machine.close()
})

async function chartFile(version: string): Promise<string> {
  const path = join(machine.directory, `cart-${version}.tgz`)
  await writeFile(path, await chartArchive({ version }))
  return path
}

test('publishes in the mode that was asked for, prints the digest, and lists the tags afterwards', async () => {
  const [first, second] = [await chartFile('1.0.0'), await chartFile('1.1.0')]
  const to = ['--registry', registry.url, '--path', 'charts', '--json']
  const buffered = await machine.run(['publish', ...to, '--mode', 'buffered', first, second], env)
  const host = new URL(registry.url).host
  expect(buffered.answers).toEqual(
    [first, second].map((file) => ({
      file,
      reference: `${host}/charts/cart:${file === first ? '1.0.0' : '1.1.0'}`,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      mode: 'buffered',
      strategy: 'buffered',
      ok: true,
    })),
  )
  expect(buffered.code).toBe(0)

  const streamed = await machine.run(['publish', ...to, '--mode', 'streamed', await chartFile('1.2.0')], env)
  expect(streamed.answers).toMatchObject([{ ok: true, mode: 'streamed', strategy: 'streamed-patch' }])

  const chunked = await machine.run(['publish', ...to, '--mode', 'chunked', await chartFile('1.3.0')], env)
  expect(chunked.answers).toMatchObject([{ ok: true, mode: 'streamed', strategy: 'chunked' }])

  const manifest = await fetch(`${registry.url}/v2/charts/cart/manifests/1.0.0`, {
    headers: {
      authorization: `Basic ${Buffer.from('ann:pa55word').toString('base64')}`,
      accept: 'application/vnd.oci.image.manifest.v1+json',
    },
  })
  expect(manifest.headers.get('docker-content-digest')).toBe(buffered.answers[0]?.['digest'])

  const tags = await machine.run(['tags', '--registry', registry.url, '--repository', 'charts/cart'], env)
  expect(tags.code).toBe(0)
  expect(tags.answers[0]?.['tags']).toEqual(expect.arrayContaining(['1.0.0', '1.1.0', '1.2.0']))
  expect(await machine.leftovers()).toEqual([])
})

test('publishes a folder, and a provenance with the chart it lies beside', async () => {
  const folder = join(machine.directory, 'ledger')
  await writeFolder(folder, { 'Chart.yaml': chartYaml('ledger', '3.0.0'), 'templates/a.yaml': 'a: 1\n' })
  const signed = await chartFile('4.0.0')
  await writeFile(`${signed}.prov`, 'signed by nobody')
  const to = ['--registry', registry.url, '--path', 'folders']
  const { answers, code } = await machine.run(['publish', ...to, folder, signed, `${signed}.prov`], env)
  const host = new URL(registry.url).host
  expect(answers).toMatchObject([
    { file: folder, ok: true, reference: `${host}/folders/ledger:3.0.0` },
    { file: signed, ok: true, reference: `${host}/folders/cart:4.0.0` },
  ])
  expect(code).toBe(0)
  expect(await machine.leftovers()).toEqual([])
})

test('takes the credential from docker’s configuration where the environment has none', async () => {
  const docker = join(machine.directory, 'docker')
  await mkdir(docker)
  const auth = Buffer.from('ann:pa55word').toString('base64')
  const config = { auths: { [new URL(registry.url).host]: { auth } } }
  await writeFile(join(docker, 'config.json'), JSON.stringify(config))
  const file = await chartFile('2.0.0')
  const { code, answers } = await machine.run(['publish', '--registry', registry.url, file], {
    DOCKER_CONFIG: docker,
  })
  expect(answers).toMatchObject([{ ok: true, reference: `${new URL(registry.url).host}/cart:2.0.0` }])
  expect(code).toBe(0)
})

test('a file that is no chart fails by itself: the next is published', async () => {
  const broken = join(machine.directory, 'broken.tgz')
  await writeFile(broken, 'no archive')
  const good = await chartFile('3.0.0')
  const args = ['publish', '--registry', registry.url, broken, join(machine.directory, 'missing.tgz'), good]
  const { code, answers } = await machine.run(args, env)
  expect(code).toBe(1)
  expect(answers).toMatchObject([
    { file: broken, ok: false, failure: { kind: 'archive-invalid' } },
    { ok: false, failure: { phase: 'input' } },
    { file: good, ok: true },
  ])
})

test.each([
  ['a wrong password', { ...env, CHARTROOM_PASSWORD: 'wrong' }, [], 'unauthorized'],
  ['a mode that is none', env, ['--mode', 'fast'], 'input-invalid'],
  ['a path that is none', env, ['--path', 'UPPER/'], 'input-invalid'],
])('%s is a failure in the answer', async (_, environment, options, kind) => {
  const args = ['publish', '--registry', registry.url, ...options, await chartFile('4.0.0')]
  const { code, answers, stderr } = await machine.run(args, environment)
  expect(code).toBe(1)
  expect(answers).toMatchObject([{ ok: false, failure: { kind } }])
  expect(JSON.stringify(answers) + stderr).not.toContain('pa55word')
})
