import { createRequire, registerHooks } from 'node:module'
import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ElectronDouble } from './double.ts'

const doubles = new Map<string, ElectronDouble['module']>()
const registryKey = Symbol.for('chartroom.electron-doubles')
let hooked = false

/**
 * Runs a built main bundle of Electron in this process, with `electron` resolving to the double. Each bundle has to
 * lie in a folder of its own, because Node runs a module once. Returns when its top level has run; a bundle that
 * awaits at its top level, which would keep Electron from ever getting ready, throws ERR_REQUIRE_ASYNC_MODULE.
 */
export function runMain(bundle: string, double: ElectronDouble): void {
  hookElectron()
  doubles.set(dirname(bundle), double.module)
  createRequire(import.meta.url)(bundle)
}

function hookElectron(): void {
  if (hooked) return
  hooked = true
  Object.defineProperty(globalThis, registryKey, { value: doubles })
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier !== 'electron') return next(specifier, context)
      const folder = [...doubles.keys()].find((key) => isBelow(context.parentURL, key))
      if (folder === undefined) throw new Error(`${context.parentURL} imports electron and has no double`)
      return { url: `electron-double:${encodeURIComponent(folder)}`, format: 'module', shortCircuit: true }
    },
    load: (url, context, next) => {
      if (!url.startsWith('electron-double:')) return next(url, context)
      const folder = decodeURIComponent(url.slice('electron-double:'.length))
      const names = Object.keys(doubles.get(folder) ?? {})
      const source = [
        `const double = globalThis[Symbol.for('chartroom.electron-doubles')].get(${JSON.stringify(folder)})`,
        ...names.map((name) => `export const ${name} = double.${name}`),
      ].join('\n')
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

function isBelow(url: string | undefined, folder: string): boolean {
  return url !== undefined && url.startsWith('file:') && fileURLToPath(url).startsWith(folder + sep)
}
