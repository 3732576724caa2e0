import { build } from 'electron-builder'
import { bundle } from './bundle.ts'
import { configuration } from './electron-builder.ts'

/*
 * Builds the installers of the system this runs on, for x64 and arm64, into dist/installers. Electron's binary is
 * downloaded by electron-builder; nothing is published.
 */
try {
  await bundle()
  const written = await build({ config: configuration, publish: 'never' })
  process.stdout.write(`${written.join('\n')}\n`)
} catch (error) {
  process.stderr.write(`No installers: ${error instanceof Error ? error.message : String(error)}\n`)
  // electron-builder has an exit hook that ends the process with 0 whatever `process.exitCode` says
  process.exit(1)
}
