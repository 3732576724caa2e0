import { join } from 'node:path'
import { type Settings, settingsSchema } from '../../shared/model/settings.ts'
import { openDocument } from '../document.ts'

export interface SettingsStore {
  get(): Promise<Settings>
  /** Fields left out stay as they are. Returns all of them. */
  update(change: { [K in keyof Settings]?: Settings[K] | undefined }): Promise<Settings>
}

/** The user's settings: `settings.json` of the profile. */
export function createSettings({ directory }: { directory: string }): SettingsStore {
  const document = openDocument(join(directory, 'settings.json'), settingsSchema, settingsSchema.parse({}))
  return {
    get: () => document.read(),
    update: (change) =>
      document.change((settings) =>
        settingsSchema.parse({
          ...settings,
          ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
        }),
      ),
  }
}
