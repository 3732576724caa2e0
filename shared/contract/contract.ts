import { activity } from './activity.ts'
import { host } from './host.ts'
import { mirrors } from './mirrors.ts'
import { publish } from './publish.ts'
import { pulls } from './pulls.ts'
import { registries } from './registries.ts'
import { settings } from './settings.ts'

/** Everything the window can ask of the main process. Read this first. */
export const contract = { registries, publish, mirrors, pulls, activity, settings, host }
export type Contract = typeof contract
