import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

/**
 * Test files below `root`/test that reach `test/lab/` through their imports, directly or not: they start a
 * real docker-registry or helm. Paths are relative to `root`, with forward slashes.
 */
export function suitesOfLab(root: string): string[] {
  const lab = join(root, 'test', 'lab') + sep
  const reaches = (file: string, seen: Set<string>): boolean => {
    if (file.startsWith(lab)) return true
    if (seen.has(file) || !existsSync(file)) return false
    seen.add(file)
    return importsOf(file).some((target) => reaches(target, seen))
  }
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:test|spec)\.tsx?$/.test(name))
    .map((name) => join(root, 'test', name))
    .filter((file) => reaches(file, new Set()))
    .map((file) => relative(root, file).replaceAll(sep, '/'))
    .sort()
}

/** Set to `absent` by build/test.ts where the lab's programs cannot be had. */
export const labVariable = 'CHARTROOM_LAB'

/** The suites to leave out on this machine; empty unless build/test.ts said that the lab is absent. */
export function suitesLeftOut(root: string): string[] {
  return process.env[labVariable] === 'absent' ? suitesOfLab(root) : []
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return Array.from(text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g), ([, target]) =>
    resolve(dirname(file), target ?? ''),
  )
}
