import { build } from 'electron-builder'
import { bundle } from './bundle.ts'
import { configuration } from './electron-builder.ts'

/*
 * Builds the installers of the system this runs on, for x64 and arm64, into dist/installers. Electron's binary is
 * downloaded by electron-builder; nothing is published.
 */
await bundle()
const written = await build({ config: configuration, publish: 'never' })
process.stdout.write(`${written.join('\n')}\n`)
