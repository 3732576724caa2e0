import { startFakeAgent } from '../fakes/agent.ts'
import { closedPort } from '../fakes/mirror.ts'
import { expect, test } from './test.ts'

test('the map shows hits and misses by node, and why an agent does not answer', async ({ app }) => {
  const busy = await startFakeAgent({
    startedAt: 1_790_000_000,
    lastSuccess: 1_790_000_100,
    requests: [
      { registry: 'docker.io', hits: 30, misses: 10 },
      { registry: 'ghcr.io', hits: 0, misses: 4 },
    ],
    answers: { '200': 30, '404': 14 },
  })
  const page = await startFakeAgent({ startedAt: 1_790_000_000, requests: [] })
  page.say({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html><body>Sign in</body></html>',
  })
  const down = closedPort
  try {
    await app.goTo('Mirrors')
    await app.page.getByRole('button', { name: 'Enter agents' }).click()
    const addresses = app.page.getByLabel('Metrics addresses')
    await addresses.fill(`not an address at all\n${busy.address}`)
    await addresses.blur()
    await expect(app.page.getByText('Line 1 is no address')).toBeVisible()
    await addresses.fill([busy.address, page.address, down].join('\n'))
    await app.page.getByRole('button', { name: 'Save and ask' }).click()

    const map = app.page.getByRole('grid', { name: 'Hits and misses by node and registry' })
    await expect(map.getByRole('gridcell', { name: `${busy.address}, docker.io` })).toHaveAccessibleName(
      /30 hits, 10 misses, 75\s?% hits/,
    )
    await expect(map.getByRole('gridcell', { name: `${down}, docker.io` })).toHaveAccessibleName(/no data/)
    await app.page.getByRole('button', { name: `Why ${down} does not answer` }).click()
    await expect(app.page.getByText('ECONNREFUSED')).toBeVisible()
    await app.page.getByRole('button', { name: `Why ${page.address} does not answer` }).click()
    await expect(app.page.getByRole('alert')).toBeVisible()

    await app.page.getByText('Table', { exact: true }).click()
    const row = app.page.getByRole('row').filter({ hasText: busy.address }).filter({ hasText: 'docker.io' })
    await expect(row.getByText('30', { exact: true })).toBeVisible()
    await expect(row.getByText('10', { exact: true })).toBeVisible()
  } finally {
    await Promise.all([busy.stop(), page.stop()])
  }
})
