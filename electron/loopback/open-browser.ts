import { spawn } from 'node:child_process'

const quietly = { stdio: 'ignore', detached: true } as const

/** Whether a browser window can appear at all: on Linux and the BSDs that takes a display. */
export function hasDisplay(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (platform === 'win32' || platform === 'darwin') return true
  return (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
}

/**
 * Hands an http(s) address to the system's browser. Resolves to whether there was a display and a program to
 * hand it to; what the program makes of it is not known.
 */
export async function openInBrowser(
  address: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  if (!hasDisplay(platform, env)) return false
  // no shell is between us and the program: nothing in an address is ever a command
  const child =
    platform === 'win32'
      ? spawn('rundll32', ['url.dll,FileProtocolHandler', url.href], quietly)
      : spawn(platform === 'darwin' ? 'open' : 'xdg-open', [url.href], quietly)
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
