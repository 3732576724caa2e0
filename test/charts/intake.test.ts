import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIntake, type Intake, intakeLimits } from '../../electron/charts/intake.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { writeFolder } from '../fakes/chart-folders.ts'
import { chartArchive, chartYaml, type Entry, tarOf } from '../fakes/charts.ts'

let directory: string
let intake: Intake
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-intake-'))
  intake = createIntake({ directory })
})
afterEach(async () => {
  await intake.close()
  await rm(directory, { recursive: true })
})

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function failureFrom(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toHaveProperty('failure')
  return (error as { failure: Failure }).failure
}

const held = async () => readdir(join(directory, 'intake', String(process.pid)))

describe('the intake', () => {
  it('takes a file in and reads the chart in it', async () => {
    const bytes = await chartArchive({ name: 'cart', version: '1.2.3' })
    const ticket = await intake.accept('cart-1.2.3.tgz', pieces(bytes))
    expect(await intake.inspect(ticket)).toMatchObject({
      ticket,
      fileName: 'cart-1.2.3.tgz',
      size: bytes.length,
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      entries: 3,
      metadata: { name: 'cart', version: '1.2.3' },
    })
    const { path } = await intake.open(ticket)
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  it.skipIf(process.platform === 'win32')('keeps files for the user alone', async () => {
    const ticket = await intake.accept('a.tgz', pieces(await chartArchive()))
    const { path } = await intake.open(ticket)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(directory, 'intake'))).mode & 0o777).toBe(0o700)
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\charts\\cart.tgz', 'cart.tgz'],
    ['evil\u202Egzt.exe\n', 'evilgzt.exe'],
    ['', 'chart.tgz'],
    ['x'.repeat(5000), 'x'.repeat(200)],
  ])('shows the name %j as %j and never uses it as a path', async (given, shown) => {
    const ticket = await intake.accept(given, pieces(await chartArchive()))
    expect((await intake.inspect(ticket)).fileName).toBe(shown)
    expect(await held()).toEqual([`${ticket}.tgz`])
  })

  it('drops a file once', async () => {
    const ticket = await intake.accept('a.tgz', pieces(await chartArchive()))
    expect(await intake.drop(ticket)).toBe(true)
    expect(await intake.drop(ticket)).toBe(false)
    expect(await held()).toEqual([])
    expect((await failureFrom(intake.inspect(ticket))).kind).toBe('no-such-item')
  })

  it('removes a file that is no chart and throws its Failure', async () => {
    const ticket = await intake.accept('a.tgz', pieces(Buffer.from('no chart')))
    expect((await failureFrom(intake.inspect(ticket))).kind).toBe('archive-invalid')
    expect(await held()).toEqual([])
    expect((await failureFrom(intake.inspect(ticket))).kind).toBe('no-such-item')
  })

  it('keeps nothing of a file that is too large', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield new Uint8Array(16 * 1024 * 1024)
    }
    const failure = await failureFrom(intake.accept('big.tgz', endless()))
    expect(failure.kind).toBe('file-too-large')
    expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(intakeLimits.bytes) })
    expect(await held()).toEqual([])
  })

  it('keeps nothing of a file that breaks off or is taken back', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield randomBytes(100)
      throw new Error('the socket closed')
    }
    expect((await failureFrom(intake.accept('a.tgz', broken()))).kind).toBe('input-invalid')
    const aborted = intake.accept('a.tgz', pieces(randomBytes(5000)), AbortSignal.abort())
    expect((await failureFrom(aborted)).kind).toBe('cancelled')
    expect(await held()).toEqual([])
  })

  it('holds a bounded number of files', async () => {
    const none = Buffer.from('x')
    for (let count = 0; count < intakeLimits.files; count += 1) await intake.accept('a', pieces(none))
    expect((await failureFrom(intake.accept('a', pieces(none)))).kind).toBe('input-invalid')
    expect(await held()).toHaveLength(intakeLimits.files)
  })

  it('removes what a crashed run left, and not what a running one holds', async () => {
    const room = join(directory, 'intake')
    for (const name of ['999999999', String(process.ppid), 'stray']) {
      await mkdir(join(room, name), { recursive: true })
    }
    await writeFile(join(room, '999999999', 'left.tgz'), 'x')
    await intake.accept('a.tgz', pieces(await chartArchive()))
    expect((await readdir(room)).sort()).toEqual([String(process.pid), String(process.ppid)].sort())
  })

  it('touches nothing else of the profile', async () => {
    await writeFile(join(directory, 'registries.json'), '[]')
    await intake.accept('a.tgz', pieces(await chartArchive()))
    await intake.close()
    expect((await readdir(directory)).sort()).toEqual(['intake', 'registries.json'])
    expect(await readdir(join(directory, 'intake'))).toEqual([])
  })

  it('can be used again after it was closed', async () => {
    await intake.accept('a.tgz', pieces(await chartArchive()))
    await intake.close()
    const ticket = await intake.accept('a.tgz', pieces(await chartArchive()))
    expect(await intake.inspect(ticket)).toMatchObject({ metadata: { name: 'cart' } })
  })
})

const take = (name: string, bytes: Uint8Array = Buffer.from('signed')) => intake.accept(name, pieces(bytes))

describe('a provenance', () => {
  it.each(['the chart', 'the provenance'])(
    'goes with its chart by its name when %s comes first',
    async (first) => {
      const bytes = await chartArchive()
      const early = first === 'the provenance' ? await take('cart-1.0.0.tgz.prov') : undefined
      const chart = await take('cart-1.0.0.tgz', bytes)
      const provenance = early ?? (await take('cart-1.0.0.tgz.prov'))
      expect(await intake.inspect(chart)).toMatchObject({
        metadata: { name: 'cart' },
        provenance: { fileName: 'cart-1.0.0.tgz.prov', size: 6 },
      })
      expect(await intake.inspect(provenance)).toEqual({
        ticket: provenance,
        fileName: 'cart-1.0.0.tgz.prov',
        chartFileName: 'cart-1.0.0.tgz',
        chartTicket: chart,
      })
      const { provenancePath = '' } = await intake.open(chart)
      expect(await readFile(provenancePath, 'utf8')).toBe('signed')
      await intake.drop(chart)
      expect(await held()).toEqual([])
    },
  )

  it('waits for its chart and says for which', async () => {
    await take('other-1.0.0.tgz', await chartArchive())
    const ticket = await take('cart-1.0.0.tgz.prov')
    expect(await intake.inspect(ticket)).toEqual({
      ticket,
      fileName: 'cart-1.0.0.tgz.prov',
      chartFileName: 'cart-1.0.0.tgz',
    })
    expect((await failureFrom(intake.open(ticket))).message).toContain('provenance')
  })

  it('is the part of one chart only, and of none once it is dropped', async () => {
    const first = await take('cart-1.0.0.tgz', await chartArchive())
    const second = await take('cart-1.0.0.tgz', await chartArchive())
    const ticket = await take('cart-1.0.0.tgz.prov')
    expect(await intake.inspect(first)).not.toHaveProperty('provenance')
    expect(await intake.inspect(second)).toHaveProperty('provenance')
    await intake.drop(ticket)
    expect(await intake.inspect(second)).not.toHaveProperty('provenance')
  })

  it('of more than its limit is refused', async () => {
    const failure = await failureFrom(take('a.tgz.prov', Buffer.alloc(intakeLimits.provenance + 1)))
    expect(failure.kind).toBe('file-too-large')
  })
})

describe('a folder sent as a tar', () => {
  const files = [
    { name: 'cart/.helmignore', body: 'left/\n' },
    { name: 'cart/templates/b.yaml', body: 'b: 1\n' },
    { name: 'cart/left/out.txt', body: 'x' },
    { name: 'cart/Chart.yaml', body: chartYaml('cart', '2.0.0') },
    { name: 'cart/a/z.txt', body: 'z' },
    { name: 'cart/a.txt', body: 'a' },
  ]

  it('becomes the same package as the folder itself', async () => {
    const folder = join(directory, 'cart')
    await writeFolder(
      folder,
      Object.fromEntries(files.map(({ name, body }) => [name.slice('cart/'.length), body])),
      new Date('2026-01-02T03:04:05Z'),
    )
    const sent = await intake.acceptFolder(pieces(await tarOf(files)))
    const [one, other] = await Promise.all([intake.open(sent), intake.open(await intake.acceptPath(folder))])
    expect(one.file).toMatchObject({ fileName: 'cart-2.0.0.tgz', source: 'folder', entries: 5 })
    expect(one.file.digest).toBe(other.file.digest)
    expect(await held()).toHaveLength(2)
  })

  it.each([
    ['leaves its directory', [{ name: 'cart/../../x', body: 'x' }], 'archive-invalid'],
    ['has a link in it', [{ name: 'cart/a', type: 'symlink', linkname: '/etc/passwd' }], 'archive-invalid'],
    ['is no chart', [{ name: 'cart/a', body: 'x' }], 'chart-invalid'],
    ['has a broken subchart', [...files, { name: 'cart/charts/x/Chart.yaml', body: '}' }], 'chart-invalid'],
  ] as Array<[string, Entry[], string]>)(
    'that %s is refused and nothing of it stays',
    async (_what, entries, kind) => {
      expect((await failureFrom(intake.acceptFolder(pieces(await tarOf(entries))))).kind).toBe(kind)
      expect(await held()).toEqual([])
    },
  )

  it('that breaks off, is taken back or does not end is refused and nothing of it stays', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield (await tarOf(files)).subarray(0, 1000)
      throw Object.assign(new Error('the socket closed'), { code: 'ECONNRESET' })
    }
    async function* endless(): AsyncGenerator<Uint8Array> {
      const file = (await tarOf([{ name: 'cart/x', body: Buffer.alloc(4 * 1024 * 1024) }])).subarray(0, -1024)
      for (let count = 0; ; count += 1) {
        const named = Buffer.from(file)
        await Promise.resolve()
        yield count === 0 ? named : Buffer.alloc(1024 * 1024)
      }
    }
    expect((await failureFrom(intake.acceptFolder(broken()))).kind).toBe('input-invalid')
    const whole = await tarOf(files)
    expect((await failureFrom(intake.acceptFolder(pieces(whole), AbortSignal.abort()))).kind).toBe(
      'cancelled',
    )
    expect((await failureFrom(intake.acceptFolder(pieces(whole.subarray(0, 700))))).kind).toBe(
      'archive-invalid',
    )
    expect((await failureFrom(intake.acceptFolder(endless()))).kind).toBe('file-too-large')
    expect(await held()).toEqual([])
  })
})

describe('a path of this machine', () => {
  it('brings the .prov beside it, as helm push does', async () => {
    const path = join(directory, 'cart-1.0.0.tgz')
    await writeFile(path, await chartArchive())
    await writeFile(`${path}.prov`, 'signed')
    const chart = await intake.acceptPath(path)
    expect(await intake.inspect(chart)).toMatchObject({ provenance: { fileName: 'cart-1.0.0.tgz.prov' } })
    const again = await intake.acceptPath(`${path}.prov`)
    expect(await intake.inspect(again)).toMatchObject({ chartTicket: chart })
    await intake.drop(chart)
    expect(await held()).toEqual([])
  })

  it('is copied, so that it may go', async () => {
    const path = join(directory, 'cart-1.0.0.tgz')
    await writeFile(path, await chartArchive())
    const ticket = await intake.acceptPath(path)
    await rm(path)
    expect(await intake.inspect(ticket)).toMatchObject({ fileName: 'cart-1.0.0.tgz' })
  })

  it('that is a folder is packaged; no provenance is taken for its own', async () => {
    const folder = join(directory, 'any-name')
    await writeFolder(folder, {
      'Chart.yaml': chartYaml('cart'),
      'templates/a.yaml': 'a: 1\n',
      'b.tmp': 'x',
      '.helmignore': '*.tmp',
    })
    await take('cart-1.0.0.tgz.prov')
    const file = await intake.inspect(await intake.acceptPath(folder))
    expect(file).toMatchObject({
      fileName: 'cart-1.0.0.tgz',
      source: 'folder',
      entries: 3,
      metadata: { name: 'cart' },
    })
    expect(file).not.toHaveProperty('provenance')
    await rm(folder, { recursive: true })
    const failure = await failureFrom(intake.acceptPath(directory))
    expect(failure).toMatchObject({ kind: 'chart-invalid', next: ['choose-another-file'] })
  })

  it('that is not there, or a device, is refused', async () => {
    expect((await failureFrom(intake.acceptPath(join(directory, 'none.tgz')))).kind).toBe('no-such-item')
    if (process.platform !== 'win32') {
      await symlink('/dev/zero', join(directory, 'zero.tgz'))
      expect((await failureFrom(intake.acceptPath(join(directory, 'zero.tgz')))).kind).toBe('archive-invalid')
    }
  })
})
