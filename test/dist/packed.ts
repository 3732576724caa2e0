import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Arch, build, Platform } from 'electron-builder'
import { configuration } from '../../build/electron-builder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Marks the fuses in a binary of Electron; behind it come the version, their number and one byte each. */
export const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

export interface Packed {
  /** A folder of our own, to be removed by the caller. */
  folder: string
  /** The unpacked app: what an installer would put on the disk. */
  app: string
}

/**
 * Packs `dist/app` with the configuration of the installers, as an unpacked Linux app. In the place of Electron's
 * binary stands a file that has its fuses and nothing else, so nothing is downloaded and nothing can be started.
 */
export async function packApp(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'chartroom-dist-'))
  const electronDist = join(folder, 'electron')
  await mkdir(join(electronDist, 'resources'), { recursive: true })
  await mkdir(join(electronDist, 'locales'))
  const fuses = Buffer.from([1, 8, ...Buffer.from('10111000')])
  await writeFile(join(electronDist, 'electron'), Buffer.concat([Buffer.from(fuseSentinel), fuses]), {
    mode: 0o755,
  })
  await writeFile(join(electronDist, 'chrome-sandbox'), '', { mode: 0o755 })
  await writeFile(join(electronDist, 'LICENSE'), 'MIT')
  await writeFile(join(electronDist, 'LICENSES.chromium.html'), '<p>licences</p>')
  await writeFile(join(electronDist, 'version'), '45.4.1')
  await writeFile(join(electronDist, 'locales/en-US.pak'), '')
  await build({
    projectDir: root,
    targets: Platform.LINUX.createTarget('dir', Arch.x64),
    config: {
      ...configuration,
      electronDist,
      directories: { buildResources: 'build', output: join(folder, 'out') },
    },
    publish: 'never',
  })
  return { folder, app: join(folder, 'out/linux-unpacked') }
}
