import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { words } from '../../renderer/i18n/i18n.ts'
import { failureKindSchema } from '../../shared/model/failure.ts'
import { preflightCheckNameSchema } from '../../shared/model/preflight.ts'

const charts = new URL('../../electron/charts/', import.meta.url)

/** The findings that the checks name, read from their source: what has no words would be said in English only. */
async function findings(): Promise<string[]> {
  const names = preflightCheckNameSchema.options.join('|')
  const literal = new RegExp(`'((?:${names})-[a-z-]+)'`, 'g')
  const kinds = new Set<string>(failureKindSchema.options)
  const files = (await readdir(charts, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, charts), 'utf8')))
  const found = texts.flatMap((text) => [...text.matchAll(literal)].map((match) => match[1] ?? ''))
  return [...new Set(found)].filter((name) => !kinds.has(name) && !name.endsWith('-failed')).sort()
}

test('every finding of the preflight has its words, and no words are left over', async () => {
  const { skipped: _, ...said } = words.en.preflight.finding
  const named = await findings()
  expect(named.filter((name) => !Object.hasOwn(said, name))).toEqual([])
  expect(Object.keys(said).filter((name) => !named.includes(name) && name !== 'chart-invalid')).toEqual([])
})
