import { spawn } from 'node:child_process'

/** Whether a browser window can appear at all: on Linux and the BSDs that takes a display. */
export function hasDisplay(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (platform === 'win32' || platform === 'darwin') return true
  return (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
}

/** Hands an http(s) address to the system's browser. Rejects where there is no program to hand it to. */
export async function openInBrowser(address: string, platform: NodeJS.Platform): Promise<void> {
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new Error('only http and https addresses are opened')
  }
  // no shell is between us and the program: nothing in an address is ever a command
  const [program, ...before] =
    platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler']
      : [platform === 'darwin' ? 'open' : 'xdg-open']
  if (program === undefined) return
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...before, url.href], { stdio: 'ignore', detached: true })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
