import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { seed } from '../../electron/demo/seed.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Machine, createMachine } from './run-cli.ts'

const ann = { username: 'ann', password: 'pa55word' }
const bob = { username: 'bob', password: 'other-pa55' }
let open: EmbeddedRegistry
let annes: DockerRegistry
let bobs: DockerRegistry
let machine: Machine

beforeAll(async () => {
  machine = await createMachine()
  open = await startEmbeddedRegistry()
  await seed(open.store)
  annes = await startDockerRegistry({ htpasswd: ann })
  bobs = await startDockerRegistry({ htpasswd: bob })
})
afterAll(async () => {
  await open.stop()
  await annes.stop()
  await bobs.stop()
  await machine.close()
})

const host = ({ url }: { url: string }) => new URL(url).host
const asAnn = { CHARTROOM_USERNAME: ann.username, CHARTROOM_PASSWORD: ann.password }
const asBob = { CHARTROOM_USERNAME: bob.username, CHARTROOM_PASSWORD: bob.password }

test('copy prints one object a blob and one for the result, and keeps the tag', async () => {
  const args = [
    'copy',
    `${host(open)}/tools/loadgen:0.4.2`,
    `${host(annes)}/tools/loadgen`,
    '--referrers',
    '--json',
  ]
  const { code, answers } = await machine.run(args, asAnn)
  expect(code).toBe(0)
  const digest = open.store.manifest('tools/loadgen', '0.4.2')?.digest
  expect(answers.at(-1)).toEqual({
    ok: true,
    digest,
    reference: `${host(annes)}/tools/loadgen:0.4.2`,
    manifests: { copied: 2, skipped: 0 },
    blobs: { copied: 6, mounted: 0, skipped: 0 },
    bytes: expect.any(Number) as number,
  })
  expect(answers.slice(0, -1)).toHaveLength(6)
  expect(answers[0]).toMatchObject({ blob: expect.stringMatching(/^sha256:/) as string, outcome: 'copied' })
  expect(await machine.leftovers()).toEqual([])
})

test('each registry is told its own credential and no other', async () => {
  await machine.run(['copy', `${host(open)}/images/migrate:latest`, `${host(annes)}/migrate:v1`], asAnn)
  const args = ['copy', `${host(annes)}/migrate:v1`, `${host(bobs)}/migrate`]
  const both = {
    ...asBob,
    CHARTROOM_SOURCE_USERNAME: ann.username,
    CHARTROOM_SOURCE_PASSWORD: ann.password,
  }
  const copied = await machine.run(args, both)
  expect(copied.answers.at(-1)).toMatchObject({ ok: true, reference: `${host(bobs)}/migrate:v1` })
  // bob's password is the target's alone: the source is asked without it, and says so
  const refused = await machine.run(args, asBob)
  expect(refused.code).toBe(1)
  expect(refused.answers).toMatchObject([
    { ok: false, failure: { kind: 'unauthorized', side: 'source', host: host(annes) } },
  ])
  expect(JSON.stringify(refused.answers) + refused.stderr).not.toContain('pa55')
})

test('a copy inside one registry needs one credential', async () => {
  await machine.run(['copy', `${host(open)}/images/migrate:latest`, `${host(annes)}/inside:v1`], asAnn)
  const again = await machine.run(['copy', `${annes.url}/inside:v1`, `${annes.url}/moved:v2`], asAnn)
  expect(again.answers.at(-1)).toMatchObject({ ok: true, bytes: 0, reference: `${host(annes)}/moved:v2` })
})

test('docker’s configuration tells both where the environment says nothing', async () => {
  const docker = join(machine.directory, 'docker')
  await mkdir(docker)
  const auth = ({ username, password }: typeof ann) => ({
    auth: Buffer.from(`${username}:${password}`).toString('base64'),
  })
  const config = { auths: { [host(annes)]: auth(ann), [host(bobs)]: auth(bob) } }
  await writeFile(join(docker, 'config.json'), JSON.stringify(config))
  const env = { DOCKER_CONFIG: docker }
  await machine.run(['copy', `${host(open)}/charts/cart:1.3.0`, `${host(annes)}/charts/cart`], env)
  const args = ['copy', `${host(annes)}/charts/cart:1.3.0`, `${host(bobs)}/charts/cart`]
  expect((await machine.run(args, env)).answers.at(-1)).toMatchObject({ ok: true })
})

test.each(['image.tar', 'image-folder'])(
  'what is exported to %s is imported with its digest',
  async (name) => {
    const path = join(machine.directory, name)
    const out = await machine.run(['export', `${host(open)}/images/checkout:1.9.0`, '--to', path])
    const digest = open.store.manifest('images/checkout', '1.9.0')?.digest
    expect(out.answers.at(-1)).toMatchObject({ ok: true, digest, reference: name })
    await access(path)
    const back = await machine.run(['import', path, `${host(annes)}/back/${name}:1.9.0`], asAnn)
    expect(back.answers.at(-1)).toMatchObject({
      ok: true,
      digest,
      reference: `${host(annes)}/back/${name}:1.9.0`,
    })
    expect(back.code).toBe(0)
    expect(await machine.leftovers()).toEqual([])
  },
)

test('an exported layout says the name it had', async () => {
  const path = join(machine.directory, 'named')
  await machine.run(['export', `${host(open)}/charts/cart:1.3.0`, '--to', path])
  expect(await readFile(join(path, 'index.json'), 'utf8')).toContain(`${host(open)}/charts/cart:1.3.0`)
})

test.each([
  ['a source that is not there', ['copy', 'HOST/tools/loadgen:nope', 'HOST/x'], 'not-found'],
  ['a reference that is none', ['copy', 'HOST/UPPER', 'HOST/x'], 'reference-invalid'],
  [
    'a target with a digest',
    ['copy', 'HOST/tools/loadgen', `HOST/x@sha256:${'0'.repeat(64)}`],
    'reference-invalid',
  ],
  ['a mode that is none', ['copy', 'HOST/tools/loadgen:0.4.2', 'HOST/x', '--mode', 'fast'], 'input-invalid'],
  ['a file that is not there', ['import', 'nothing.tar', 'HOST/x'], 'no-such-item'],
  ['a compressed export', ['export', 'HOST/tools/loadgen:0.4.2', '--to', 'x.tgz'], 'input-invalid'],
])('%s is a failure in the answer', async (_, args, kind) => {
  const { code, answers } = await machine.run(args.map((arg) => arg.replace('HOST', host(open))))
  expect(code).toBe(1)
  expect(answers).toMatchObject([{ ok: false, failure: { kind } }])
})

test.each([
  ['a copy to nowhere', ['copy', 'host.example/a']],
  ['an export to nowhere', ['export', 'host.example/a']],
  ['an import of nothing', ['import']],
])('%s is told how it is used', async (_, args) => {
  const { code, answers, stderr } = await machine.run(args)
  expect(code).toBe(2)
  expect(answers).toEqual([])
  expect(stderr).toContain('Usage:')
})
