import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { failureError } from '../../shared/model/local-failure.ts'
import { provenanceLimits } from './provenance.ts'

/**
 * The public keys helm verifies with unless it is told others: `pubring.gpg` of GnuPG's home (helm's
 * defaultKeyring); undefined where there is no such file. Throws a FailureError where it cannot be read.
 */
export async function readKeyring(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array | undefined> {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? ''
  const path = join(env['GNUPGHOME'] ?? join(home, '.gnupg'), 'pubring.gpg')
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > provenanceLimits.keyring) {
      throw unreadable('it is no file, or a very large one')
    }
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw code === undefined ? error : unreadable(code)
  }
}

function unreadable(why: string) {
  return failureError('input-invalid', 'input', `The keyring of GnuPG cannot be read: ${why}.`)
}
