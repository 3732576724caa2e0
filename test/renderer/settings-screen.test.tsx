// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { SettingsScreen } from '../../renderer/settings/settings-screen.tsx'
import { type Settings, settingsSchema } from '../../shared/model/settings.ts'
import { windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

function open(): Array<Partial<Settings>> {
  const changes: Array<Partial<Settings>> = []
  let settings = settingsSchema.parse({})
  windowOver(
    {
      'settings.get': () => settings,
      'settings.update': (change) => {
        changes.push(change as Partial<Settings>)
        settings = { ...settings, ...(change as Partial<Settings>) }
        return settings
      },
      'host.capabilities': () => ({ version: '1', secrets: 'os', demo: false, opensFiles: false }),
    },
    <SettingsScreen />,
  )
  return changes
}

test.each([
  ['bufferMebibytes', 'MiB of an upload that is held in memory', 512],
  ['cacheMebibytes', 'MiB of content kept on disk', 0],
  ['requestsPerRegistry', 'Requests to one registry at a time', 4],
  ['manifestMebibytes', 'MiB of a manifest that are read', 16],
  ['scrapeSeconds', 'Seconds between two scrapes', 30],
])('%s is saved when its field is left', async (name, label, value) => {
  const changes = open()
  const field = await screen.findByLabelText(label)
  fireEvent.change(field, { target: { value: String(value) } })
  expect(changes).toEqual([])
  fireEvent.blur(field)
  await waitFor(() => expect(changes).toEqual([{ [name]: value }]))
})

test('a field that is left empty goes back to what is saved', async () => {
  const changes = open()
  const field = await screen.findByLabelText('MiB of content kept on disk')
  fireEvent.change(field, { target: { value: '' } })
  fireEvent.blur(field)
  await waitFor(() => expect((field as HTMLInputElement).value).toBe('512'))
  expect(changes).toEqual([])
})
