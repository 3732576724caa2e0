import type { LabTool } from '../../build/lab-tools.ts'
import { openTool, type Tool } from './tool.ts'

/** A client that carries OCI image layouts to and from a registry that speaks plain http. */
export interface ImageClient {
  name: 'crane' | 'skopeo' | 'oras' | 'regctl'
  /** The words that push what `tag` of the layout at `directory` is. */
  push(place: Place): string[]
  /** The words that pull into a layout at `directory`. */
  pull(place: Place): string[]
}

export interface Place {
  /** An image layout. */
  directory: string
  /** `host:port` */
  host: string
  repository: string
  tag: string
}

const reference = ({ host, repository, tag }: Place) => `${host}/${repository}:${tag}`
const plain = ({ host }: Place) => ['--host', `reg=${host},tls=disabled`]
const skopeoCopy = ['copy', '--insecure-policy', '--quiet', '--all', '--preserve-digests']

export const imageClients: readonly ImageClient[] = [
  {
    name: 'crane',
    push: (place) => ['push', '--insecure', place.directory, reference(place)],
    pull: (place) => ['pull', '--insecure', '--format=oci', reference(place), place.directory],
  },
  {
    name: 'skopeo',
    push: (place) => [
      ...skopeoCopy,
      '--dest-tls-verify=false',
      `oci:${place.directory}:${place.tag}`,
      `docker://${reference(place)}`,
    ],
    pull: (place) => [
      ...skopeoCopy,
      '--src-tls-verify=false',
      `docker://${reference(place)}`,
      `oci:${place.directory}:${place.tag}`,
    ],
  },
  {
    name: 'oras',
    push: (place) => [
      'cp',
      '--no-tty',
      '--to-plain-http',
      '--from-oci-layout',
      `${place.directory}:${place.tag}`,
      reference(place),
    ],
    pull: (place) => [
      'cp',
      '--no-tty',
      '--from-plain-http',
      reference(place),
      '--to-oci-layout',
      `${place.directory}:${place.tag}`,
    ],
  },
  {
    name: 'regctl',
    push: (place) => [
      'image',
      'copy',
      ...plain(place),
      `ocidir://${place.directory}:${place.tag}`,
      reference(place),
    ],
    pull: (place) => [
      'image',
      'copy',
      ...plain(place),
      reference(place),
      `ocidir://${place.directory}:${place.tag}`,
    ],
  },
]

export function imageClient(wanted: ImageClient['name']): ImageClient {
  const client = imageClients.find(({ name }) => name === wanted)
  if (client === undefined) throw new Error(`there is no client ${wanted}`)
  return client
}

/** Opens several programs; `close` closes them all. */
export async function openTools<const Name extends LabTool>(
  names: readonly Name[],
): Promise<{ tools: Record<Name, Tool>; close(): Promise<void> }> {
  const opened = await Promise.all(names.map(async (name) => [name, await openTool(name)] as const))
  return {
    tools: Object.fromEntries(opened) as Record<Name, Tool>,
    close: async () => {
      await Promise.all(opened.map(([, tool]) => tool.close()))
    },
  }
}
