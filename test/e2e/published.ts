import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Helm } from '../lab/helm.ts'
import { expect } from './test.ts'
import type { PublishPage } from './pages/publish-page.ts'

/** Real helm, by the lines on the screen, pulls `chart` byte for byte and renders it; answers with what it rendered. */
export async function expectPublished(publish: PublishPage, helm: Helm, chart?: Buffer): Promise<string> {
  const words = async (line: 'helm pull' | 'helm template') =>
    (await publish.result(line)).split(' ').slice(1)
  const folder = await mkdtemp(join(helm.directory, 'pulled-'))
  await helm.run(await words('helm pull'), folder)
  const [file = ''] = await readdir(folder)
  const pulled = await readFile(join(folder, file))
  // megabytes that differ are no message anybody reads
  if (chart !== undefined) expect(pulled.equals(chart)).toBe(true)
  const { stdout } = await helm.run(await words('helm template'))
  expect(stdout).toContain('kind: ConfigMap')
  return stdout
}
