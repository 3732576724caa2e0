import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDemo } from '../../electron/demo/demo.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const demo = createDemo({ clock: { now: () => Date.UTC(2026, 10, 22) } })
let helm: Helm
let host: string

beforeAll(async () => {
  host = new URL((await demo.start()).registryUrl).host
  helm = await openHelm()
})
afterAll(async () => {
  await helm.close()
  await demo.stop()
})

test('helm pulls, checks and renders a demo chart, also one whose version has build metadata', async () => {
  const chart = `oci://${host}/charts/ledger`
  await helm.run(['pull', chart, '--version', '2.1.0+build.7', '--plain-http'])
  const file = join(helm.directory, 'ledger-2.1.0+build.7.tgz')
  expect((await helm.run(['lint', file])).stdout).toContain('0 chart(s) failed')
  const { stdout } = await helm.run(['template', 'books', file])
  expect(stdout).toContain('name: books-ledger')
  expect(stdout).toContain('image: "images/ledger:2.1.0"')
})

test('helm finds the newest version by itself', async () => {
  const { stdout } = await helm.run(['show', 'chart', `oci://${host}/charts/payments`, '--plain-http'])
  expect(stdout).toContain('version: 3.23.0')
})

test('what helm pushes comes back byte for byte', async () => {
  await helm.run(['pull', `oci://${host}/charts/cart`, '--version', '1.3.0', '--plain-http'])
  const file = join(helm.directory, 'cart-1.3.0.tgz')
  const sent = await readFile(file)
  await helm.run(['push', file, `oci://${host}/mine`, '--plain-http'])
  await rm(file)
  await helm.run(['pull', `oci://${host}/mine/cart`, '--version', '1.3.0', '--plain-http'])
  expect((await readFile(file)).equals(sent)).toBe(true)
})
