import { settingsChangeSchema, settingsSchema } from '../model/settings.ts'
import { operation } from './base.ts'

export const settings = {
  get: operation.output(settingsSchema),
  /** Fields left out stay as they are. */
  update: operation.input(settingsChangeSchema).output(settingsSchema),
}
