import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { preflightCheckNameSchema, preflightCheckSchema } from '../../shared/model/preflight.ts'
import { chartArchive } from '../fakes/charts.ts'
import { closedPort } from '../fakes/mirror.ts'
import { type Machine, createMachine } from './run-cli.ts'

let registry: EmbeddedRegistry
let machine: Machine

beforeAll(async () => {
  machine = await createMachine()
  registry = await startEmbeddedRegistry({})
})
afterAll(async () => {
  await registry.stop()
  await machine.close()
})

let files = 0

/** A chart's file; every one has other bytes. */
async function chartFile(name: string): Promise<string> {
  const path = join(machine.directory, `${name}-${(files += 1)}.tgz`)
  await writeFile(path, await chartArchive({ name, padding: 100 }))
  return path
}

const run = (...args: string[]) => machine.run(['publish', '--registry', registry.url, ...args])
const tagsOf = async (name: string) => (await fetch(`${registry.url}/v2/${name}/tags/list`)).status

test('a dry run prints a check a line and then the file, and sends nothing', async () => {
  const file = await chartFile('dry')
  const { code, answers } = await run('--dry-run', '--json', file)
  const last = answers.pop()
  expect(last).toEqual({ file, ok: true, ready: true })
  expect(code).toBe(0)
  expect(answers.every((answer) => answer['file'] === file)).toBe(true)
  const checks = answers.map((answer) => preflightCheckSchema.parse(answer))
  expect(checks.map(({ check }) => check).sort()).toEqual([...preflightCheckNameSchema.options].sort())
  expect(await tagsOf('dry')).toBe(404)
  expect(await machine.leftovers()).toEqual([])
})

test('other content under a tag fails, in a dry run and in earnest, until it is overwritten on purpose', async () => {
  const [first, second] = [await chartFile('taken'), await chartFile('taken')]
  const refused = await run(first, second)
  expect(refused.code).toBe(1)
  const there = refused.answers[0]?.['digest']
  expect(refused.answers).toMatchObject([
    { file: first, ok: true },
    { file: second, ok: false, failure: { kind: 'conflict', next: ['choose-another-tag', 'overwrite'] } },
  ])

  const tried = await run('--dry-run', second)
  expect(tried.code).toBe(1)
  expect(tried.answers.at(-1)).toEqual({ file: second, ok: false, ready: true, overwrites: there })

  const replaced = await run('--overwrite', second, second)
  expect(replaced.code).toBe(0)
  expect(replaced.answers).toMatchObject([
    { file: second, ok: true },
    { file: second, ok: true, digest: replaced.answers[0]?.['digest'] },
  ])
  expect(replaced.answers[0]?.['digest']).not.toBe(there)
})

test('a dry run says what is wrong with a file, and of a registry that is not there', async () => {
  const broken = join(machine.directory, 'broken.tgz')
  await writeFile(broken, 'no archive')
  const missing = join(machine.directory, 'missing.tgz')
  const there = await run('--dry-run', broken, missing)
  expect(there.code).toBe(1)
  expect(there.answers).toContainEqual(
    expect.objectContaining({ file: broken, check: 'archive', outcome: 'blocked' }),
  )
  expect(there.answers).toContainEqual({ file: broken, ok: false, ready: false })
  expect(there.answers.at(-1)).toMatchObject({ file: missing, ok: false, failure: { phase: 'input' } })

  const file = await chartFile('nowhere')
  const gone = await machine.run(['publish', '--registry', `http://${closedPort}`, '--dry-run', file])
  expect(gone.code).toBe(1)
  expect(gone.answers).toContainEqual(
    expect.objectContaining({
      check: 'registry',
      failure: expect.objectContaining({ kind: 'refused' }) as unknown,
    }),
  )
  expect(gone.answers.at(-1)).toEqual({ file, ok: false, ready: false })
})
