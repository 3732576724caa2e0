import { randomBytes } from 'node:crypto'
import { createContentCache } from '../../../electron/oci/cache/content-cache.ts'
import { digestOf } from '../content.ts'

// an instance of its own on the directory it is given: keeps fresh content and prints its digests until it is killed
const [directory = '', maxBytes = ''] = process.argv.slice(2)
const cache = createContentCache({
  directory,
  maxBytes: () => Promise.resolve(Number(maxBytes)),
  clock: Date,
})
for (;;) {
  const bytes = randomBytes(20_000)
  const digest = digestOf(bytes)
  await cache.put(digest, bytes)
  process.stdout.write(`${digest}\n`)
}
