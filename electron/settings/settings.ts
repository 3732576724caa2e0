import { join } from 'node:path'
import { type Settings, settingsSchema } from '../../shared/model/settings.ts'
import { openDocument } from '../document.ts'

export interface SettingsStore {
  get(): Promise<Settings>
  /** As they were when last read or written, for who cannot wait. */
  current(): Settings
  /** Fields left out stay as they are. Returns all of them. */
  update(change: { [K in keyof Settings]?: Settings[K] | undefined }): Promise<Settings>
}

/** The user's settings: `settings.json` of the profile. */
export function createSettings({ directory }: { directory: string }): SettingsStore {
  let known = settingsSchema.parse({})
  const document = openDocument(join(directory, 'settings.json'), settingsSchema, known)
  const keep = (settings: Settings) => (known = settings)
  return {
    get: async () => keep(await document.read()),
    current: () => known,
    update: async (change) =>
      keep(
        await document.change((settings) =>
          settingsSchema.parse({
            ...settings,
            ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
          }),
        ),
      ),
  }
}
