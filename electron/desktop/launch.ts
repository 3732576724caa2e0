import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'

/** What the command line of the desktop app asked for. */
export interface Launch {
  /** Folder for settings, cache and history instead of the system's own. */
  readonly profile: string | undefined
  readonly demo: boolean
  /** Absolute paths of chart archives, their provenances and chart folders named on the command line. */
  readonly files: string[]
}

const maxFiles = 50

/**
 * Reads `argv` as the process got it. Chromium's and Electron's own switches and the folder named by `electron .`
 * are among the words, so whatever is not known is passed over.
 */
export function readLaunch(argv: readonly string[], cwd: string): Launch {
  const { values, positionals } = parseArgs({
    args: argv.slice(1),
    options: { profile: { type: 'string' }, demo: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
  })
  return {
    profile: typeof values.profile === 'string' ? resolve(cwd, values.profile) : undefined,
    demo: values.demo === true,
    files: positionals
      .flatMap((word) => pathOf(word, cwd))
      .filter(isChart)
      .slice(0, maxFiles),
  }
}

const handOverSchema = z.object({ files: z.array(z.string()).max(maxFiles) })

/**
 * What a second instance sent the first through the single instance lock. Its `argv` is not used: Chromium
 * reorders it and adds words of its own (Electron's docs on `second-instance`). Anything malformed names no file.
 */
export function readHandOver(additionalData: unknown): string[] {
  const parsed = handOverSchema.safeParse(additionalData)
  return parsed.success ? parsed.data.files.filter((path) => isAbsolute(path) && isChart(path)) : []
}

/** File managers of Linux name files by their address, people by their path. */
function pathOf(word: string, cwd: string): string[] {
  if (!word.startsWith('file:')) return [resolve(cwd, word)]
  try {
    return [fileURLToPath(word)]
  } catch {
    return []
  }
}

/** By its name, or as a folder with a Chart.yaml: the words also name the folder of the app itself. */
function isChart(path: string): boolean {
  return /\.(tgz|tar\.gz|prov)$/i.test(path) || existsSync(join(path, 'Chart.yaml'))
}
