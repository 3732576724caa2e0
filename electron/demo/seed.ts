import { mediaTypes } from '../../shared/model/media-types.ts'
import { tagOfVersion } from '../../shared/model/chart.ts'
import { packChart, type DemoChart } from './demo-chart.ts'
import { buildImage, platforms } from './demo-image.ts'
import { putManifest } from './manifests.ts'
import { digestOf, type Store } from './store.ts'

interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

const charts: { name: string; description: string; versions: string[] }[] = [
  {
    name: 'cart',
    description: 'The shopping cart and its cache',
    versions: ['0.9.0', '0.9.1', '1.0.0', '1.0.1', '1.1.0', '1.2.0', '1.2.1', '1.3.0-rc.1', '1.3.0'],
  },
  {
    name: 'ledger',
    description: 'Double-entry bookkeeping with an append-only log',
    versions: ['2.0.0', '2.0.1', '2.1.0', '2.1.0+build.7', '2.2.0'],
  },
  {
    name: 'payments',
    description: 'Takes payments and hands them to the ledger',
    versions: Array.from({ length: 24 }, (_, minor) => `3.${minor}.0`),
  },
]

/** Fills a store with charts as helm pushes them and images as buildx does; the same bytes every time. */
export async function seed(store: Store): Promise<void> {
  for (const { name, description, versions } of charts) {
    for (const [age, version] of versions.toReversed().entries()) {
      await seedChart(store, { name, description, version, created: daysBefore(3 + age * 9) })
    }
  }
  await seedIndex(store, 'images/checkout', ['1.8.0', '1.8.1'], 11)
  await seedIndex(store, 'images/checkout', ['1.9.0', 'latest'], 12)
  await seedSingle(store, 'images/migrate', ['2026.10', 'latest'], 21)
  const loadgen = await seedSingle(store, 'tools/loadgen', ['0.4.2'], 31)
  seedSbom(store, 'tools/loadgen', loadgen)
}

/** helm's shape: Chart.yaml as the config, the tgz as the one layer, no mediaType in the manifest itself. */
async function seedChart(store: Store, chart: DemoChart): Promise<void> {
  const repository = `charts/${chart.name}`
  const { metadata, tgz } = await packChart(chart)
  const config = addBlob(store, repository, mediaTypes.helmConfig, Buffer.from(JSON.stringify(metadata)))
  const layer = addBlob(store, repository, mediaTypes.helmChart, tgz)
  const manifest = {
    schemaVersion: 2,
    config,
    layers: [layer],
    annotations: {
      'org.opencontainers.image.created': chart.created.toISOString(),
      'org.opencontainers.image.description': chart.description,
      'org.opencontainers.image.title': chart.name,
      'org.opencontainers.image.version': chart.version,
    },
  }
  addManifest(store, repository, mediaTypes.ociManifest, manifest, [tagOfVersion(chart.version)])
}

async function seedIndex(store: Store, repository: string, tags: string[], number: number): Promise<void> {
  const manifests = []
  for (const platform of platforms) {
    manifests.push({ ...(await seedPlatform(store, repository, platform, number, [])), platform })
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }
  addManifest(store, repository, mediaTypes.ociIndex, index, tags)
}

async function seedSingle(
  store: Store,
  repository: string,
  tags: string[],
  number: number,
): Promise<Descriptor> {
  return seedPlatform(store, repository, platforms[0], number, tags)
}

async function seedPlatform(
  store: Store,
  repository: string,
  platform: (typeof platforms)[number],
  number: number,
  tags: string[],
): Promise<Descriptor> {
  const { config, layers } = await buildImage(platform, number, daysBefore(number))
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: addBlob(store, repository, mediaTypes.imageConfig, Buffer.from(JSON.stringify(config))),
    layers: layers.map((layer) =>
      addBlob(store, repository, 'application/vnd.oci.image.layer.v1.tar+gzip', layer),
    ),
  }
  return addManifest(store, repository, mediaTypes.ociManifest, manifest, tags)
}

/** A software bill of materials that refers to an image (image-spec, "Guidelines for Artifact Usage"). */
function seedSbom(store: Store, repository: string, subject: Descriptor): void {
  const sbom = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: repository, packages: [] }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: 'application/spdx+json',
    config: addBlob(store, repository, 'application/vnd.oci.empty.v1+json', Buffer.from('{}')),
    layers: [addBlob(store, repository, 'application/spdx+json', Buffer.from(JSON.stringify(sbom)))],
    subject,
  }
  addManifest(store, repository, mediaTypes.ociManifest, manifest, [])
}

function addBlob(store: Store, repository: string, mediaType: string, bytes: Uint8Array): Descriptor {
  const digest = digestOf(bytes)
  store.addBlob(repository, digest, bytes)
  return { mediaType, digest, size: bytes.byteLength }
}

function addManifest(
  store: Store,
  repository: string,
  mediaType: string,
  manifest: object,
  tags: string[],
): Descriptor {
  const bytes = Buffer.from(JSON.stringify(manifest))
  putManifest(store, repository, tags[0] ?? digestOf(bytes), mediaType, bytes)
  for (const tag of tags.slice(1)) putManifest(store, repository, tag, mediaType, bytes)
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
}

/** Fixed, not told by the clock: the demo's digests are the same on every machine and every day. */
function daysBefore(days: number): Date {
  return new Date(Date.UTC(2026, 10, 20, 9, 30) - days * 86_400_000)
}
