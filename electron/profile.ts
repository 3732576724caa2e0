import { join } from 'node:path'

/**
 * Where settings, lists and files on their way rest when no --profile is given: the system's own convention
 * (XDG base directories; AppData; Library/Application Support).
 */
export function defaultProfile(
  platform: NodeJS.Platform,
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (platform === 'win32') return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'chartroom')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'chartroom')
  const configured = env['XDG_CONFIG_HOME']
  // the specification has relative values ignored
  return join(configured?.startsWith('/') === true ? configured : join(home, '.config'), 'chartroom')
}
