// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { RegistryDialog } from '../../renderer/registries/registry-dialog.tsx'
import { TlsReportView } from '../../renderer/registries/tls-report.tsx'
import { RegistryList } from '../../renderer/shell/registry-list.tsx'
import { useRegistryDialog } from '../../renderer/state/registry-dialog.tsx'
import type { RegistryDraft, RegistryEntry, TlsReport } from '../../shared/model/registry.ts'
import { windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const entry: RegistryEntry = {
  id: '1',
  name: 'lab',
  url: 'https://registry.test',
  credential: { source: 'anonymous', hasSecret: false },
  tls: { verify: true, hasCa: true, hasClientCertificate: true },
  demo: false,
}
const report: TlsReport = {
  host: 'registry.test',
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  chain: [
    {
      subject: 'CN=registry.test',
      issuer: 'CN=Lab CA',
      names: ['registry.test', '10.0.0.1'],
      validFrom: Date.UTC(2025, 0, 1),
      validTo: Date.UTC(2026, 0, 1),
      sha256: 'AA:BB',
      selfSigned: false,
    },
  ],
  trusted: false,
  trustedBy: [],
  problems: ['expired', 'unknown-authority'],
  code: 'CERT_HAS_EXPIRED',
  unread: ['/etc/docker/certs.d/registry.test/ca.crt'],
}

function Opened() {
  const { open } = useRegistryDialog()
  return (
    <>
      <button type="button" onClick={() => open({ job: 'edit', entry })}>
        open
      </button>
      <RegistryDialog />
    </>
  )
}
function edit(language: 'en' | 'zh-CN' = 'en') {
  const asked: Array<{ draft: RegistryDraft; id?: string }> = []
  windowOver(
    {
      'registries.list': () => [entry],
      'registries.update': (input) => (asked.push(input as (typeof asked)[0]), entry),
      'registries.tlsReport': (input) => (asked.push(input as (typeof asked)[0]), report),
    },
    <Opened />,
    { language },
  )
  fireEvent.click(screen.getByText('open'))
  return asked
}

test('what is kept stays when nothing is given, and is taken away only when that was said', async () => {
  const asked = edit()
  fireEvent.click(await screen.findByRole('button', { name: 'Save' }))
  await expect.poll(() => asked.length).toBe(1)
  expect(asked[0]?.draft.tls).toEqual({ verify: true })
})

test('not verifying is said in words and mark; authorities and the client certificate can be removed', async () => {
  const asked = edit()
  fireEvent.click(await screen.findByLabelText('Check the certificate'))
  expect(screen.getByText('Not verified')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: /^Remove what is kept: Authority/ }))
  fireEvent.click(screen.getByRole('button', { name: /^Remove what is kept: Client certificate/ }))
  expect(screen.getAllByText('It is removed when you save.')).toHaveLength(2)
  fireEvent.click(screen.getByRole('button', { name: 'Save' }))
  await expect.poll(() => asked.length).toBe(1)
  expect(asked[0]?.draft.tls).toEqual({ verify: false, ca: null, clientCertificate: null })
})

test('a pasted certificate asks for its key, and both go out as they are', async () => {
  const asked = edit()
  expect(screen.queryByLabelText('Key of the client certificate')).toBeNull()
  fireEvent.change(await screen.findByLabelText('Client certificate'), { target: { value: 'CERT' } })
  fireEvent.change(screen.getByLabelText('Key of the client certificate'), { target: { value: 'KEY' } })
  fireEvent.click(screen.getByRole('button', { name: 'Save' }))
  await expect.poll(() => asked.length).toBe(1)
  expect(asked[0]?.draft.tls).toEqual({ verify: true, clientCertificate: 'CERT', clientKey: 'KEY' })
})

test('the certificate is shown on request, with what is wrong, its names and its dates', async () => {
  const asked = edit()
  fireEvent.click(await screen.findByRole('button', { name: 'Show certificate' }))
  expect(await screen.findByText('The certificate does not verify')).toBeTruthy()
  expect(asked).toMatchObject([{ id: '1', draft: { url: 'https://registry.test' } }])
  expect(screen.getByText(/has expired/)).toBeTruthy()
  expect(screen.getByText('CERT_HAS_EXPIRED')).toBeTruthy()
  expect(screen.getByText('registry.test, 10.0.0.1')).toBeTruthy()
  expect(screen.getByText(/Jan 1, 2025\s–\sJan 1, 2026/)).toBeTruthy()
  expect(screen.getByText('/etc/docker/certs.d/registry.test/ca.crt')).toBeTruthy()
})

test('a chain that verifies says who vouches for it, in Chinese too', () => {
  windowOver(
    {},
    <TlsReportView report={{ ...report, trusted: true, trustedBy: ['entry'], problems: [] }} />,
    {
      language: 'zh-CN',
    },
  )
  expect(screen.getByText('证书通过验证')).toBeTruthy()
  expect(screen.getByText('此条目的颁发机构')).toBeTruthy()
})

test('a registry that is not verified carries its mark in the side bar, name and meaning with it', async () => {
  windowOver(
    {
      'registries.list': () => [entry, { ...entry, id: '2', tls: { ...entry.tls, verify: false } }],
      'registries.ping': () => new Promise(() => undefined),
    },
    <RegistryList />,
  )
  const marks = await screen.findAllByRole('img', { name: 'Not verified' })
  expect(marks).toHaveLength(1)
  expect(marks[0]?.closest('a')?.getAttribute('href')).toContain('2')
})
