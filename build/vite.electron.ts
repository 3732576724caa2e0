import { join } from 'node:path'
import type { InlineConfig } from 'vite'

const root = join(import.meta.dirname, '..')

/**
 * The two bundles Electron loads. Everything but `electron` and Node's own modules is inside them, so the app ships
 * without node_modules. The preload is CommonJS because a sandboxed preload is loaded as such.
 *
 * @param entry which of the two
 * @param outDir folder for `main.js` or `preload.cjs`
 */
export function electronConfig(entry: 'main' | 'preload', outDir: string): InlineConfig {
  return {
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    ssr: { noExternal: true, external: ['electron'], target: 'node' },
    build: {
      ssr: join(root, 'electron', `${entry}.ts`),
      outDir,
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        output: {
          format: entry === 'main' ? 'es' : 'cjs',
          entryFileNames: entry === 'main' ? 'main.js' : 'preload.cjs',
          codeSplitting: false,
        },
      },
    },
  }
}
