import { readFile, stat } from 'node:fs/promises'
import { failureError } from '../../../../shared/model/local-failure.ts'

/** Bytes of a kubeconfig, certificate or token that are read at most. */
const maxBytes = 4 * 1024 * 1024

/**
 * The text of a file that a kubeconfig names or is; undefined where there is none. Throws a FailureError
 * `input-invalid` that names the file where it is no plain file, too large or not readable.
 */
export async function readSmallFile(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path)
    // a pipe that nobody writes into would be waited for
    if (!found.isFile()) throw unusableFile(path, 'it is no file')
    if (found.size > maxBytes) throw unusableFile(path, `it has more than ${maxBytes} bytes`)
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unusableFile(path, `it cannot be read (${code})`)
  }
}

/** The file is named, never quoted: what stands in it is secret. */
export function unusableFile(path: string, why: string, line?: number) {
  return failureError('input-invalid', 'input', `${path.slice(0, 500)} cannot be used: ${why}.`, {
    evidence: line === undefined ? [] : [{ fact: 'line', value: String(line) }],
    next: ['check-kubeconfig'],
  })
}
