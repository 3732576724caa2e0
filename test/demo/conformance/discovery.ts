import { mediaTypes } from '../../../shared/model/media-types.ts'
import { artifact, digestOf, type Observed, refusalOf, type Rule, type Server, sha256 } from './rule.ts'

const tagNames = ['b', 'a', 'C', '1.0', 'a-1', 'd', 'B', 'c', '0.9', '1.0.1', 'e', 'A']

async function tagged(server: Server): Promise<void> {
  const manifest = await artifact(server, server.repository)
  for (const tag of tagNames) await server.put(server.repository, tag, manifest)
}

/** The tags of each page as they came, following Link to the end. */
async function pages({ ask }: Server, path: string): Promise<string[][]> {
  const found: string[][] = []
  let next: string | undefined = path
  while (next !== undefined) {
    const answer: Response = await ask(next)
    const { tags } = (await answer.json()) as { tags?: string[] | null }
    found.push(tags ?? [])
    const [, target] = /^<([^>]+)>; *rel="?next"?/.exec(answer.headers.get('link') ?? '') ?? []
    next = target === undefined ? undefined : new URL(target, answer.url).toString()
  }
  return found
}

/** The same with each page sorted here, for what is asked is another thing than the order. */
async function sortedPages(server: Server, path: string): Promise<Observed> {
  return (await pages(server, path)).map((tags) => tags.toSorted().join(' '))
}

/** A referrer of `subject`, put by digest. */
async function refer(server: Server, subject: object, extra: object): Promise<string> {
  const manifest = await artifact(server, server.repository, { subject, ...extra })
  await server.put(server.repository, digestOf(manifest), manifest)
  return digestOf(manifest)
}

const subject = { mediaType: mediaTypes.ociManifest, digest: sha256('the subject'), size: 11 }

interface Referrers {
  manifests: { digest: string; artifactType?: string; annotations?: Record<string, string> }[]
}

async function referrers(server: Server, query = ''): Promise<{ answer: Response; list: Referrers }> {
  const answer = await server.ask(`/v2/${server.repository}/referrers/${subject.digest}${query}`)
  const list = answer.status === 200 ? ((await answer.json()) as Referrers) : { manifests: [] }
  return { answer, list }
}

export const discoveryRules: readonly Rule[] = [
  {
    end: 'end-8a',
    section: 'Listing Tags',
    sentence: 'tags come in lexical order',
    run: async (server) => {
      await tagged(server)
      const found = (await pages(server, `/v2/${server.repository}/tags/list`)).flat()
      return [found.length, found.join(' ') === found.toSorted().join(' ')]
    },
    expected: [tagNames.length, true],
  },
  {
    end: 'end-8b',
    section: 'Listing Tags',
    sentence: 'n makes pages, and Link leads from one to the next',
    run: async (server) => {
      await tagged(server)
      return sortedPages(server, `/v2/${server.repository}/tags/list?n=5`)
    },
    expected: ['0.9 1.0 1.0.1 A B', 'C a a-1 b c', 'd e'],
  },
  {
    end: 'end-8b',
    section: 'Listing Tags',
    sentence: 'last begins behind a name, which need not be a tag',
    run: async (server) => {
      await tagged(server)
      return sortedPages(server, `/v2/${server.repository}/tags/list?n=99&last=a-0`)
    },
    expected: ['a-1 b c d e'],
  },
  {
    end: 'end-8b',
    section: 'Listing Tags',
    sentence: 'n=0 is an empty list without Link',
    run: async (server) => {
      await tagged(server)
      return sortedPages(server, `/v2/${server.repository}/tags/list?n=0`)
    },
    expected: [''],
  },
  {
    end: 'end-8a',
    section: 'Listing Tags',
    sentence: 'an unknown repository is 404 NAME_UNKNOWN',
    run: async ({ repository, ask }) => refusalOf(await ask(`/v2/${repository}/tags/list`)),
    expected: [404, 'NAME_UNKNOWN'],
  },
  {
    end: 'end-12a',
    section: 'Listing Referrers',
    sentence: 'an index describes each referrer with its type and annotations',
    run: async (server) => {
      const annotations = { 'example.note': 'signed' }
      const digest = await refer(server, subject, { artifactType: 'application/spdx+json', annotations })
      const { answer, list } = await referrers(server)
      const [first] = list.manifests
      return [
        answer.status,
        answer.headers.get('content-type'),
        first?.digest === digest,
        first?.artifactType ?? null,
        first?.annotations?.['example.note'] ?? null,
      ]
    },
    expected: [200, mediaTypes.ociIndex, true, 'application/spdx+json', 'signed'],
  },
  {
    end: 'end-12a',
    section: 'Listing Referrers',
    sentence: "without an artifactType, the config's media type stands for it",
    run: async (server) => {
      await refer(server, subject, {})
      const { answer, list } = await referrers(server)
      return [answer.status, list.manifests[0]?.artifactType ?? null]
    },
    expected: [200, 'application/vnd.oci.empty.v1+json'],
  },
  {
    end: 'end-12a',
    section: 'Listing Referrers',
    sentence: 'an index can be a referrer',
    run: async (server) => {
      const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [], subject }
      await server.put(server.repository, digestOf(index), index)
      const { answer, list } = await referrers(server)
      return [answer.status, list.manifests[0]?.digest === digestOf(index)]
    },
    expected: [200, true],
  },
  {
    end: 'end-12a',
    section: 'Listing Referrers',
    sentence: 'what nobody refers to has an empty list, not a 404',
    run: async (server) => {
      const { answer, list } = await referrers(server)
      return [answer.status, list.manifests.length]
    },
    expected: [200, 0],
  },
  {
    end: 'end-12b',
    section: 'Listing Referrers',
    sentence: 'artifactType filters, and OCI-Filters-Applied says so',
    run: async (server) => {
      const digest = await refer(server, subject, { artifactType: 'application/spdx+json' })
      await refer(server, subject, { artifactType: 'application/vnd.example.other' })
      const { answer, list } = await referrers(server, '?artifactType=application%2Fspdx%2Bjson')
      const only = list.manifests.length === 1 && list.manifests[0]?.digest === digest
      return [answer.status, answer.headers.get('oci-filters-applied'), only]
    },
    expected: [200, 'artifactType', true],
  },
  {
    end: 'end-12a',
    section: 'Listing Referrers',
    sentence: 'a subject that is no digest is 400',
    run: async ({ repository, ask }) => [(await ask(`/v2/${repository}/referrers/latest`)).status],
    expected: [400],
  },
]
