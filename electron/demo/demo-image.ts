import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { randomBytes, randomNumbers } from './random.ts'
import { digestOf } from './store.ts'

/** What the demo's images are built for. */
export const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
] as const

/**
 * Config and gzipped layers of a small image (image-spec, config.md): every layer is a real tar, and the
 * config's diff_ids are the digests of those tars. `number` decides the content.
 */
export async function buildImage(
  platform: (typeof platforms)[number],
  number: number,
  created: Date,
): Promise<{ config: Record<string, unknown>; layers: Uint8Array[] }> {
  const random = randomNumbers(number * 100 + platforms.findIndex((known) => known === platform))
  const sizes = Array.from({ length: 2 + (number % 3) }, () => 4_000 + Math.floor(random() * 60_000))
  const tars: Uint8Array[] = []
  for (const [index, size] of sizes.entries()) {
    const header = { name: `layer-${index}.bin`, size, mode: 0o644, type: 'file' as const, mtime: created }
    tars.push(await packTar([{ header, body: randomBytes(size, random) }]))
  }
  const config = {
    ...platform,
    created: created.toISOString(),
    config: { Entrypoint: ['/layer-0.bin'] },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
    history: tars.map((_, index) => ({ created: created.toISOString(), created_by: `COPY layer-${index}` })),
  }
  return { config, layers: tars.map((tar) => gzipSync(tar)) }
}
