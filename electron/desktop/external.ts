import type { Shell } from 'electron'
import { failureError } from '../../shared/model/local-failure.ts'

/**
 * Opens an https address in the system's browser. Throws a FailureError for everything else, because
 * `shell.openExternal` hands any scheme to whichever program registered it, and for addresses with a user name,
 * which show one host and lead to another. Resolves to whether there was a browser to hand it to.
 */
export async function openExternal(shell: Shell, address: string): Promise<boolean> {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw failureError('input-invalid', 'input', 'Only an https address is opened outside.', {
      next: ['check-address'],
    })
  try {
    await shell.openExternal(url.href)
    return true
  } catch {
    return false
  }
}
