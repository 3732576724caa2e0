import { parse } from 'smol-toml'
import { z } from 'zod'

const fileSchema = z.string().min(1).max(4096)
const listOf = <T extends z.ZodType>(one: T) =>
  z.union([one.transform((value) => [value]), z.array(one).max(100)])

const trustSchema = z.object({
  ca: listOf(fileSchema).default([]),
  /** A file with both, or pairs of certificate and key. */
  client: z
    .union([
      fileSchema.transform((both) => [[both, both] as const]),
      z
        .array(
          z.union([
            fileSchema.transform((both) => [both, both] as const),
            z.tuple([fileSchema, fileSchema]),
            z.tuple([fileSchema]).transform(([both]) => [both, both] as const),
          ]),
        )
        .max(100),
    ])
    .default([]),
})
const tomlSchema = trustSchema.extend({ host: z.record(z.string(), trustSchema).default({}) })

/** Files that a `hosts.toml` of containerd names, as they stand there. */
export interface NamedFiles {
  ca: string[]
  client: ReadonlyArray<readonly [certificate: string, key: string]>
}

/**
 * What a `hosts.toml` (containerd, docs/hosts.md) says of the registry at `url` itself: its top level and the table
 * of that very host. Mirrors are left aside. undefined where the text is no such file.
 */
export function trustOfHostsToml(text: string, url: string): NamedFiles | undefined {
  let content: unknown
  try {
    content = parse(text)
  } catch {
    return undefined
  }
  const parsed = tomlSchema.safeParse(content)
  if (!parsed.success) return undefined
  const { host, ...top } = parsed.data
  const own = Object.entries(host).filter(([name]) => originOf(name) === new URL(url).origin)
  const all = [top, ...own.map(([, table]) => table)]
  return { ca: all.flatMap(({ ca }) => ca), client: all.flatMap(({ client }) => client) }
}

function originOf(name: string): string | undefined {
  return URL.parse(name.includes('://') ? name : `https://${name}`)?.origin
}
